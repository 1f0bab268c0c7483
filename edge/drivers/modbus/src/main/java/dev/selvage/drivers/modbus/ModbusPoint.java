package dev.selvage.drivers.modbus;

import dev.selvage.devices.Point;
import dev.selvage.model.ModbusAddress;
import dev.selvage.model.PropertyType;

/** A point with its address parsed. */
record ModbusPoint(String property, PropertyType type, ModbusAddress address) {
    static ModbusPoint of(Point point) {
        return new ModbusPoint(point.property(), point.type(), ModbusAddress.of(point.address()));
    }
}
