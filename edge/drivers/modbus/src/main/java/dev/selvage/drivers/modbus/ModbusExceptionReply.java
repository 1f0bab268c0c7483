package dev.selvage.drivers.modbus;

import java.io.IOException;

/** The device answered with an exception code (Modbus Application Protocol 1.1b3, section 7). */
final class ModbusExceptionReply extends IOException {
    private final int code;

    ModbusExceptionReply(int code) {
        super(words(code));
        this.code = code;
    }

    String reason() {
        return words(code);
    }

    private static String words(int code) {
        return "the device answered: exception " + code + ", " + meaning(code);
    }

    /** Whether a gateway says that it cannot reach the device behind it. */
    boolean gateway() {
        return code == 10 || code == 11;
    }

    private static String meaning(int code) {
        return switch (code) {
            case 1 -> "illegal function";
            case 2 -> "illegal data address";
            case 3 -> "illegal data value";
            case 4 -> "server device failure";
            case 5 -> "acknowledge, still working";
            case 6 -> "server device busy";
            case 8 -> "memory parity error";
            case 10 -> "gateway path unavailable";
            case 11 -> "gateway target device failed to respond";
            default -> "not a standard code";
        };
    }
}
