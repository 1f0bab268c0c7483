package dev.selvage.sim.plant;

import com.digitalpetri.modbus.ExceptionCode;
import com.digitalpetri.modbus.FunctionCode;
import com.digitalpetri.modbus.exceptions.ModbusResponseException;
import com.digitalpetri.modbus.exceptions.UnknownUnitIdException;
import com.digitalpetri.modbus.pdu.ReadCoilsRequest;
import com.digitalpetri.modbus.pdu.ReadCoilsResponse;
import com.digitalpetri.modbus.pdu.ReadDiscreteInputsRequest;
import com.digitalpetri.modbus.pdu.ReadDiscreteInputsResponse;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersResponse;
import com.digitalpetri.modbus.pdu.ReadInputRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadInputRegistersResponse;
import com.digitalpetri.modbus.pdu.WriteMultipleCoilsRequest;
import com.digitalpetri.modbus.pdu.WriteMultipleCoilsResponse;
import com.digitalpetri.modbus.pdu.WriteSingleCoilRequest;
import com.digitalpetri.modbus.pdu.WriteSingleCoilResponse;
import com.digitalpetri.modbus.pdu.WriteSingleRegisterRequest;
import com.digitalpetri.modbus.pdu.WriteSingleRegisterResponse;
import com.digitalpetri.modbus.server.ModbusRequestContext;
import com.digitalpetri.modbus.server.ModbusServices;
import java.nio.ByteBuffer;

/**
 * What a room shows on Modbus, unit N being room N: input registers as {@link Room#inputRegisters()}, discrete input 0
 * the door (1 = open), coil 0 the compressor, holding register 0 the setpoint. An unknown unit is not answered, as behind a serial gateway.
 */
final class ModbusDoor implements ModbusServices {
    private static final int COIL_ON = 0xFF00;

    private final Plant plant;

    ModbusDoor(Plant plant) {
        this.plant = plant;
    }

    @Override
    public ReadCoilsResponse readCoils(ModbusRequestContext context, int unit, ReadCoilsRequest request)
            throws ModbusResponseException, UnknownUnitIdException {
        Room room = answering(unit, FunctionCode.READ_COILS);
        inside(FunctionCode.READ_COILS, request.address(), request.quantity(), 1);
        return new ReadCoilsResponse(new byte[] {(byte) (room.compressor() ? 1 : 0)});
    }

    @Override
    public ReadDiscreteInputsResponse readDiscreteInputs(
            ModbusRequestContext context, int unit, ReadDiscreteInputsRequest request)
            throws ModbusResponseException, UnknownUnitIdException {
        Room room = answering(unit, FunctionCode.READ_DISCRETE_INPUTS);
        inside(FunctionCode.READ_DISCRETE_INPUTS, request.address(), request.quantity(), 1);
        return new ReadDiscreteInputsResponse(new byte[] {(byte) (room.doorOpen() ? 1 : 0)});
    }

    @Override
    public ReadInputRegistersResponse readInputRegisters(
            ModbusRequestContext context, int unit, ReadInputRegistersRequest request)
            throws ModbusResponseException, UnknownUnitIdException {
        Room room = answering(unit, FunctionCode.READ_INPUT_REGISTERS);
        short[] registers = room.inputRegisters();
        inside(FunctionCode.READ_INPUT_REGISTERS, request.address(), request.quantity(), registers.length);
        if (request.address() == 0 && room.has(Fault.SENSOR_ERROR)) {
            throw refusal(FunctionCode.READ_INPUT_REGISTERS, ExceptionCode.SLAVE_DEVICE_FAILURE);
        }
        ByteBuffer bytes = ByteBuffer.allocate(request.quantity() * 2);
        for (int i = 0; i < request.quantity(); i++) {
            bytes.putShort(registers[request.address() + i]);
        }
        if (request.address() == 0 && request.quantity() == registers.length) {
            plant.read(room, bytes.getInt(8));
        }
        return new ReadInputRegistersResponse(bytes.array());
    }

    @Override
    public WriteSingleCoilResponse writeSingleCoil(
            ModbusRequestContext context, int unit, WriteSingleCoilRequest request)
            throws ModbusResponseException, UnknownUnitIdException {
        Room room = answering(unit, FunctionCode.WRITE_SINGLE_COIL);
        inside(FunctionCode.WRITE_SINGLE_COIL, request.address(), 1, 1);
        plant.writeCompressor(room, request.value() == COIL_ON);
        return new WriteSingleCoilResponse(request.address(), request.value());
    }

    @Override
    public WriteMultipleCoilsResponse writeMultipleCoils(
            ModbusRequestContext context, int unit, WriteMultipleCoilsRequest request)
            throws ModbusResponseException, UnknownUnitIdException {
        Room room = answering(unit, FunctionCode.WRITE_MULTIPLE_COILS);
        inside(FunctionCode.WRITE_MULTIPLE_COILS, request.address(), request.quantity(), 1);
        plant.writeCompressor(room, (request.values()[0] & 1) == 1);
        return new WriteMultipleCoilsResponse(request.address(), request.quantity());
    }

    @Override
    public ReadHoldingRegistersResponse readHoldingRegisters(
            ModbusRequestContext context, int unit, ReadHoldingRegistersRequest request)
            throws ModbusResponseException, UnknownUnitIdException {
        Room room = answering(unit, FunctionCode.READ_HOLDING_REGISTERS);
        inside(FunctionCode.READ_HOLDING_REGISTERS, request.address(), request.quantity(), 1);
        return new ReadHoldingRegistersResponse(
                ByteBuffer.allocate(2).putShort((short) room.setpoint()).array());
    }

    @Override
    public WriteSingleRegisterResponse writeSingleRegister(
            ModbusRequestContext context, int unit, WriteSingleRegisterRequest request)
            throws ModbusResponseException, UnknownUnitIdException {
        Room room = answering(unit, FunctionCode.WRITE_SINGLE_REGISTER);
        inside(FunctionCode.WRITE_SINGLE_REGISTER, request.address(), 1, 1);
        plant.writeSetpoint(room, request.value() & 0xffff);
        return new WriteSingleRegisterResponse(request.address(), request.value());
    }

    /** The room behind the unit, after the faults of its connection have had their say. */
    private Room answering(int unit, FunctionCode function) throws ModbusResponseException, UnknownUnitIdException {
        Room room = plant.room(unit).orElseThrow(() -> new UnknownUnitIdException(unit));
        int millis = room.slowMillis();
        if (millis > 0) {
            pause(millis);
        }
        if (room.has(Fault.SILENT)) {
            throw new UnknownUnitIdException(unit); // the library answers nothing to an unknown unit
        }
        if (room.has(Fault.RESET)) {
            throw new IllegalStateException("fault: reset"); // the library closes the connection
        }
        if (room.has(Fault.BUSY)) {
            throw refusal(function, ExceptionCode.SLAVE_DEVICE_BUSY);
        }
        return room;
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void inside(FunctionCode function, int address, int quantity, int size)
            throws ModbusResponseException {
        if (quantity < 1 || address + quantity > size) {
            throw refusal(function, ExceptionCode.ILLEGAL_DATA_ADDRESS);
        }
    }

    private static ModbusResponseException refusal(FunctionCode function, ExceptionCode code) {
        return new ModbusResponseException(function, code);
    }
}
