package dev.selvage.session;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The few DER forms that a certificate request needs (ITU-T X.690); BouncyCastle would cost the node megabytes. */
final class Der {
    private Der() {}

    static byte[] sequence(byte[]... parts) {
        return tagged(0x30, parts);
    }

    static byte[] set(byte[]... parts) {
        return tagged(0x31, parts);
    }

    static byte[] integer(int smallPositive) {
        return tagged(0x02, new byte[] {(byte) smallPositive});
    }

    static byte[] utf8(String text) {
        return tagged(0x0c, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Whole octets only: no unused bits. */
    static byte[] bitString(byte[] octets) {
        return tagged(0x03, new byte[] {0}, octets);
    }

    /** Context-specific, constructed. */
    static byte[] context(int number, byte[]... parts) {
        return tagged(0xa0 | number, parts);
    }

    static byte[] oid(int... arcs) {
        var body = new ByteArrayOutputStream();
        base128(body, arcs[0] * 40 + arcs[1]);
        for (int i = 2; i < arcs.length; i++) {
            base128(body, arcs[i]);
        }
        return tagged(0x06, body.toByteArray());
    }

    private static void base128(ByteArrayOutputStream out, int value) {
        for (int shift = 28; shift > 0; shift -= 7) {
            if (value >>> shift != 0) {
                out.write(0x80 | ((value >>> shift) & 0x7f));
            }
        }
        out.write(value & 0x7f);
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        var out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >>> 8);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
