package dev.selvage.backup;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Writes header and chunks, and at the end the checksum. A chunk is a u32, whose highest bit says that it is the last and whose others are the length, and so many
 * bytes: at most {@value #PLAIN} plain ones, 16 more when encrypted. The checksum is the SHA-256 of all bytes before it.
 */
final class ChunkOutput extends OutputStream {
    static final int PLAIN = 64 << 10;
    static final int LAST = 1 << 31;

    private final MessageDigest digest = Digests.sha256();
    private final OutputStream raw;
    private final DataOutputStream out;
    private final Optional<ChunkCipher> cipher;
    private final byte[] chunk = new byte[PLAIN];
    private int filled;
    private long number;
    private boolean closed;

    ChunkOutput(OutputStream raw, FileHeader header, Optional<String> passphrase) throws IOException {
        this.raw = raw;
        this.out = new DataOutputStream(new DigestOutputStream(raw, digest));
        this.cipher = ChunkCipher.of(header, passphrase);
        out.write(header.bytes());
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (filled == PLAIN) {
                send(false);
            }
            int part = Math.min(length - done, PLAIN - filled);
            System.arraycopy(bytes, offset + done, chunk, filled, part);
            filled += part;
            done += part;
        }
    }

    /** Writes the last chunk and the checksum; what is underneath stays open. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        send(true);
        out.flush();
        raw.write(digest.digest());
        raw.flush();
    }

    private void send(boolean last) throws IOException {
        byte[] sealed = cipher.map(c -> c.encrypt(chunk, filled, number, last)).orElse(chunk);
        int length = cipher.isPresent() ? sealed.length : filled;
        out.writeInt(last ? length | LAST : length);
        out.write(sealed, 0, length);
        filled = 0;
        number++;
    }
}
