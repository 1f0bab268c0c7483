package dev.selvage.sim.net;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Where one message ends and the next begins. */
public enum Framing {
    /** Whatever has arrived is a message. */
    BYTES {
        @Override
        byte[] next(InputStream in) throws IOException {
            byte[] buffer = new byte[MAX];
            int count = in.read(buffer);
            return count < 0 ? END : Arrays.copyOf(buffer, count);
        }
    },
    /** A TLS record is a message (RFC 8446, 5.1). Bytes that are none are passed on as they come. */
    TLS {
        @Override
        byte[] next(InputStream in) throws IOException {
            byte[] header = in.readNBytes(HEADER);
            if (header.length < HEADER || header[0] < CHANGE_CIPHER_SPEC || header[0] > APPLICATION_DATA) {
                return header;
            }
            int length = (header[3] & 0xff) << 8 | (header[4] & 0xff);
            byte[] record = Arrays.copyOf(header, HEADER + length);
            int count = in.readNBytes(record, HEADER, length);
            return count == length ? record : Arrays.copyOf(record, HEADER + count);
        }
    };

    static final int HEADER = 5;
    private static final int MAX = 16 * 1024;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int APPLICATION_DATA = 23;
    private static final byte[] END = {};

    /** The next message; empty at the end. */
    abstract byte[] next(InputStream in) throws IOException;
}
