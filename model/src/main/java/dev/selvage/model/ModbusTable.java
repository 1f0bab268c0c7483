package dev.selvage.model;

import java.util.Arrays;
import java.util.Optional;

/** The four tables of a Modbus device (Modbus Application Protocol 1.1b3, section 4.3) with what one request may carry. */
public enum ModbusTable {
    COIL(true, true, 2000),
    DISCRETE(true, false, 2000),
    INPUT(false, false, 125),
    HOLDING(false, true, 125);

    private final boolean bits;
    private final boolean writable;
    private final int mostPerRead;

    ModbusTable(boolean bits, boolean writable, int mostPerRead) {
        this.bits = bits;
        this.writable = writable;
        this.mostPerRead = mostPerRead;
    }

    public boolean bits() {
        return bits;
    }

    public boolean writable() {
        return writable;
    }

    /** Bits or registers in one read request (sections 6.1 to 6.4). */
    public int mostPerRead() {
        return mostPerRead;
    }

    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    public static Optional<ModbusTable> of(String label) {
        return Arrays.stream(values()).filter(t -> t.label().equals(label)).findFirst();
    }
}
