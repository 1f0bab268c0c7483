package dev.selvage.model;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a value lies in Modbus registers or bits. */
public enum ModbusType {
    BOOL(1, 0, 1),
    INT16(1, Short.MIN_VALUE, Short.MAX_VALUE),
    UINT16(1, 0, 0xFFFF),
    INT32(2, Integer.MIN_VALUE, Integer.MAX_VALUE),
    UINT32(2, 0, 0xFFFF_FFFFL),
    INT64(4, Long.MIN_VALUE, Long.MAX_VALUE),
    UINT64(4, BigInteger.ZERO, BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE)),
    FLOAT32(2, 0, 0),
    FLOAT64(4, 0, 0);

    private final int registers;
    private final BigInteger min;
    private final BigInteger max;

    ModbusType(int registers, long min, long max) {
        this(registers, BigInteger.valueOf(min), BigInteger.valueOf(max));
    }

    ModbusType(int registers, BigInteger min, BigInteger max) {
        this.registers = registers;
        this.min = min;
        this.max = max;
    }

    /** Width in registers (in bits for the tables of bits). */
    public int registers() {
        return registers;
    }

    public boolean floating() {
        return this == FLOAT32 || this == FLOAT64;
    }

    /** Least raw integer; meaningless for floating types. */
    public BigInteger min() {
        return min;
    }

    /** Greatest raw integer; meaningless for floating types. */
    public BigInteger max() {
        return max;
    }

    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    public static Optional<ModbusType> of(String label) {
        return Arrays.stream(values()).filter(t -> t.label().equals(label)).findFirst();
    }

    public static String labels() {
        return Arrays.stream(values()).map(ModbusType::label).collect(Collectors.joining(", "));
    }
}
