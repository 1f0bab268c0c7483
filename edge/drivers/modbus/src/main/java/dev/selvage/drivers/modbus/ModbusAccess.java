package dev.selvage.drivers.modbus;

import dev.selvage.devices.Access;
import dev.selvage.devices.Point;
import dev.selvage.devices.WriteRefusedException;
import dev.selvage.model.ModbusTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The points of one device on a connection. A group that the device refuses is read point by point from then on, so that
 * one illegal address does not blind the others.
 */
final class ModbusAccess implements Access {
    private static final int WRITE_COIL = 5;
    private static final int WRITE_REGISTER = 6;
    private static final int WRITE_REGISTERS = 16;
    private static final short COIL_ON = (short) 0xFF00;

    private final ModbusConnection connection;
    private final Map<String, ModbusPoint> points = new LinkedHashMap<>();
    private List<ReadGroup> groups;

    ModbusAccess(ModbusConnection connection, List<Point> points) {
        this.connection = connection;
        points.forEach(p -> this.points.put(p.property(), ModbusPoint.of(p)));
        groups = ReadGroup.of(List.copyOf(this.points.values()));
    }

    @Override
    public Map<String, Result> read() throws IOException {
        Map<String, Result> results = new LinkedHashMap<>();
        List<ReadGroup> next = new ArrayList<>();
        for (ReadGroup group : groups) {
            boolean refused = !read(group, results);
            if (refused && group.points().size() > 1) {
                for (ReadGroup single : group.split()) {
                    read(single, results);
                    next.add(single);
                }
            } else {
                next.add(group);
            }
        }
        groups = next;
        return results;
    }

    @Override
    public Result read(String property) throws IOException {
        Map<String, Result> results = new LinkedHashMap<>();
        for (ReadGroup single : ReadGroup.of(List.of(point(property)))) {
            read(single, results);
        }
        return Optional.ofNullable(results.get(property)).orElse(new Result.Failed("not read"));
    }

    private ModbusPoint point(String property) {
        ModbusPoint point = points.get(property);
        if (point == null) {
            throw new IllegalArgumentException("no point " + property);
        }
        return point;
    }

    /** Reads one group into {@code results}; false when the device answered that it cannot. */
    private boolean read(ReadGroup group, Map<String, Result> results) throws IOException {
        byte[] data;
        try {
            data = request(group);
        } catch (ModbusExceptionReply refusal) {
            if (refusal.gateway()) {
                throw new IOException(refusal.reason(), refusal);
            }
            group.points().forEach(p -> results.put(p.property(), new Result.Failed(refusal.reason())));
            return false;
        }
        for (ModbusPoint point : group.points()) {
            results.put(point.property(), value(point, data, point.address().address() - group.address()));
        }
        return true;
    }

    private byte[] request(ReadGroup group) throws IOException {
        byte[] pdu = ByteBuffer.allocate(5)
                .put((byte) readFunction(group.table()))
                .putShort((short) group.address())
                .putShort((short) group.quantity())
                .array();
        ByteBuffer answer = connection.exchange(pdu);
        int expected = group.table().bits() ? (group.quantity() + 7) / 8 : group.quantity() * 2;
        int said = answer.get() & 0xFF;
        if (said != expected || answer.remaining() != expected) {
            throw new IOException(
                    "answer carries " + answer.remaining() + " bytes and says " + said + ", expected " + expected);
        }
        byte[] data = new byte[expected];
        answer.get(data);
        return data;
    }

    private static Result value(ModbusPoint point, byte[] data, int offset) {
        if (point.address().table().bits()) {
            return new Result.Value(((data[offset / 8] >> (offset % 8)) & 1) == 1);
        }
        return RegisterCodec.decode(point.address(), point.type(), data, 2 * offset)
                .<Result>map(Result.Value::new)
                .orElseGet(() -> new Result.Failed("the registers hold no number that fits the property"));
    }

    /** Function codes 1 to 4 (Modbus Application Protocol 1.1b3, sections 6.1 to 6.4). */
    private static int readFunction(ModbusTable table) {
        return switch (table) {
            case COIL -> 1;
            case DISCRETE -> 2;
            case HOLDING -> 3;
            case INPUT -> 4;
        };
    }

    @Override
    public Object write(String property, Object value) throws IOException {
        ModbusPoint point = point(property);
        try {
            if (point.address().table() == ModbusTable.COIL) {
                short on = Boolean.TRUE.equals(value) ? COIL_ON : 0;
                echoed(WRITE_COIL, point.address().address(), on);
                return value;
            }
            return writeRegisters(point, value);
        } catch (ModbusExceptionReply refusal) {
            throw new WriteRefusedException(refusal.reason());
        }
    }

    private Object writeRegisters(ModbusPoint point, Object value) throws IOException {
        if (point.address().table() != ModbusTable.HOLDING) {
            throw new WriteRefusedException(
                    "the table " + point.address().table().label() + " cannot be written");
        }
        byte[] data = RegisterCodec.encode(point.address(), value);
        int address = point.address().address();
        if (data.length == 2) {
            echoed(WRITE_REGISTER, address, ByteBuffer.wrap(data).getShort());
        } else {
            short quantity = (short) (data.length / 2);
            ByteBuffer pdu = ByteBuffer.allocate(6 + data.length);
            pdu.put((byte) WRITE_REGISTERS).putShort((short) address).putShort(quantity);
            pdu.put((byte) data.length).put(data);
            check(connection.exchange(pdu.array()), address, quantity);
        }
        return RegisterCodec.decode(point.address(), point.type(), data, 0).orElse(value);
    }

    /** A write whose answer repeats it. */
    private void echoed(int function, int address, short value) throws IOException {
        byte[] pdu = ByteBuffer.allocate(5)
                .put((byte) function)
                .putShort((short) address)
                .putShort(value)
                .array();
        check(connection.exchange(pdu), address, value);
    }

    private static void check(ByteBuffer answer, int address, short second) throws IOException {
        boolean right =
                answer.remaining() == 4 && (answer.getShort() & 0xFFFF) == address && answer.getShort() == second;
        if (!right) {
            throw new IOException("the device's answer does not repeat the write");
        }
    }
}
