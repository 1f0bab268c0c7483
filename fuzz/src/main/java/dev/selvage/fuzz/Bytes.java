package dev.selvage.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Mutations that know nothing of what the bytes mean. */
final class Bytes {
    private static final int MOST = 1 << 20;

    private Bytes() {}

    /** One to six mutations. */
    static byte[] mutate(Draw draw, byte[] original) {
        byte[] bytes = original.clone();
        for (int n = 1 + (draw.chance(70) ? draw.below(2) : draw.below(6)); n > 0; n--) {
            bytes = once(draw, bytes);
        }
        return bytes.length > MOST ? Arrays.copyOf(bytes, MOST) : bytes;
    }

    private static byte[] once(Draw draw, byte[] bytes) {
        if (bytes.length == 0) {
            return draw.bytes(1 + draw.below(16));
        }
        int at = draw.below(bytes.length);
        int length = 1 + draw.below(Math.min(32, bytes.length - at));
        return switch (draw.below(8)) {
            case 0 -> set(bytes, at, (byte) (bytes[at] ^ (1 << draw.below(8))));
            case 1 -> set(bytes, at, (byte) draw.below(256));
            case 2 -> join(bytes, at, draw.bytes(1 + draw.below(16)), at);
            case 3 -> join(bytes, at, new byte[0], at + length);
            case 4 -> join(bytes, at, Arrays.copyOfRange(bytes, at, at + length), at);
            case 5 -> Arrays.copyOf(bytes, at);
            case 6 -> number(draw, bytes, at);
            default -> join(bytes, at, draw.bytes(length), at + length);
        };
    }

    private static byte[] set(byte[] bytes, int at, byte value) {
        bytes[at] = value;
        return bytes;
    }

    /** Where lengths and counts stand an extreme one does most. */
    private static byte[] number(Draw draw, byte[] bytes, int at) {
        long number = draw.number();
        int width = Math.min(bytes.length - at, 1 << draw.below(4));
        for (int i = 0; i < width; i++) {
            bytes[at + i] = (byte) (number >>> (8 * (width - 1 - i)));
        }
        return bytes;
    }

    private static byte[] join(byte[] bytes, int until, byte[] middle, int from) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + middle.length);
        out.write(bytes, 0, until);
        out.writeBytes(middle);
        out.write(bytes, from, bytes.length - from);
        return out.toByteArray();
    }
}
