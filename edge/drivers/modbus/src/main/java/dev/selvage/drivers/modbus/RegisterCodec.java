package dev.selvage.drivers.modbus;

import dev.selvage.devices.WriteRefusedException;
import dev.selvage.model.ModbusAddress;
import dev.selvage.model.ModbusType;
import dev.selvage.model.PropertyType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Optional;

/**
 * Between registers and a property's value: {@code value = raw * scale + offset}. Computed in decimal, so that 57 at a
 * scale of 0.01 is 0.57, not 0.5700000000000001; a written value is rounded to the nearest raw value, half up.
 */
final class RegisterCodec {
    private RegisterCodec() {}

    /**
     * The value in {@code data} at byte {@code offset}: Double, Long or Boolean; empty when it is no number (NaN,
     * infinite) or does not fit the property's type.
     */
    static Optional<Object> decode(ModbusAddress address, PropertyType type, byte[] data, int offset) {
        if (address.type() == ModbusType.BOOL) {
            return Optional.of((data[offset] | data[offset + 1]) != 0);
        }
        long bits = bits(address, data, offset);
        if (address.type() == ModbusType.FLOAT64 && address.plain() && type == PropertyType.NUMBER) {
            double value = Double.longBitsToDouble(bits);
            return Double.isFinite(value) ? Optional.of(value) : Optional.empty();
        }
        return raw(address.type(), bits)
                .map(raw -> raw.multiply(address.scale()).add(address.offset()))
                .flatMap(value -> typed(type, value));
    }

    private static Optional<Object> typed(PropertyType type, BigDecimal value) {
        if (type == PropertyType.INTEGER) {
            BigInteger whole = value.setScale(0, RoundingMode.HALF_UP).toBigInteger();
            return whole.bitLength() < Long.SIZE ? Optional.of(whole.longValue()) : Optional.empty();
        }
        double number = value.doubleValue();
        return Double.isFinite(number) ? Optional.of(number) : Optional.empty();
    }

    /** A float is taken as the shortest decimal that means it: 4.2f is 4.2. */
    private static Optional<BigDecimal> raw(ModbusType type, long bits) {
        return switch (type) {
            case BOOL, UINT16, UINT32 -> Optional.of(BigDecimal.valueOf(bits));
            case INT16 -> Optional.of(BigDecimal.valueOf((short) bits));
            case INT32 -> Optional.of(BigDecimal.valueOf(bits << 32 >> 32));
            case INT64 -> Optional.of(BigDecimal.valueOf(bits));
            case UINT64 -> Optional.of(new BigDecimal(Long.toUnsignedString(bits)));
            case FLOAT32 -> decimal(Float.intBitsToFloat((int) bits));
            case FLOAT64 -> {
                double value = Double.longBitsToDouble(bits);
                yield Double.isFinite(value) ? Optional.of(BigDecimal.valueOf(value)) : Optional.empty();
            }
        };
    }

    private static Optional<BigDecimal> decimal(float value) {
        return Float.isFinite(value) ? Optional.of(new BigDecimal(Float.toString(value))) : Optional.empty();
    }

    private static long bits(ModbusAddress address, byte[] data, int offset) {
        int registers = address.type().registers();
        long bits = 0;
        for (int i = 0; i < registers; i++) {
            int at = offset + 2 * (address.lowWordFirst() ? registers - 1 - i : i);
            bits = (bits << 16) | ((data[at] & 0xFF) << 8) | (data[at + 1] & 0xFF);
        }
        return bits;
    }

    /**
     * The registers that hold the value, rounded to what they can hold.
     *
     * @throws WriteRefusedException when the value is beyond what the registers can hold
     */
    static byte[] encode(ModbusAddress address, Object value) throws WriteRefusedException {
        int registers = address.type().registers();
        long bits = address.type() == ModbusType.BOOL
                ? Boolean.TRUE.equals(value) ? 1 : 0
                : rawBits(address, ((Number) value));
        byte[] data = new byte[2 * registers];
        for (int i = 0; i < registers; i++) {
            int at = 2 * (address.lowWordFirst() ? i : registers - 1 - i);
            data[at] = (byte) (bits >>> (16 * i + 8));
            data[at + 1] = (byte) (bits >>> (16 * i));
        }
        return data;
    }

    private static long rawBits(ModbusAddress address, Number value) throws WriteRefusedException {
        ModbusType type = address.type();
        double number = value.doubleValue();
        if (!Double.isFinite(number)) {
            throw new WriteRefusedException("found " + number + ", accepted a finite number");
        }
        BigDecimal raw = exact(value).subtract(address.offset()).divide(address.scale(), MathContext.DECIMAL128);
        if (type.floating()) {
            boolean fits = type == ModbusType.FLOAT64 || Float.isFinite(raw.floatValue());
            if (!fits) {
                throw new WriteRefusedException("found " + value + ", which float32 cannot hold");
            }
            return type == ModbusType.FLOAT32
                    ? Float.floatToIntBits(raw.floatValue()) & 0xFFFF_FFFFL
                    : Double.doubleToLongBits(raw.doubleValue());
        }
        BigInteger whole = raw.setScale(0, RoundingMode.HALF_UP).toBigInteger();
        if (whole.compareTo(type.min()) < 0 || whole.compareTo(type.max()) > 0) {
            throw new WriteRefusedException("found " + value + ", accepted " + edge(address, type.min()) + " to "
                    + edge(address, type.max()) + " (" + type.label() + ")");
        }
        return whole.longValue();
    }

    /** A fraction by its shortest decimal; a whole number, however large, exactly. */
    private static BigDecimal exact(Number value) {
        if (value instanceof Long whole) {
            return BigDecimal.valueOf(whole);
        }
        double number = value.doubleValue();
        return number == Math.rint(number) ? new BigDecimal(number) : BigDecimal.valueOf(number);
    }

    private static String edge(ModbusAddress address, BigInteger raw) {
        return new BigDecimal(raw)
                .multiply(address.scale())
                .add(address.offset())
                .stripTrailingZeros()
                .toPlainString();
    }
}
