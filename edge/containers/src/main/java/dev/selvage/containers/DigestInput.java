package dev.selvage.containers;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Counts and digests what is read; passing over is reading. */
final class DigestInput extends FilterInputStream {
    private final MessageDigest digest;
    private long count;

    DigestInput(InputStream in) {
        super(in);
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    long count() {
        return count;
    }

    /** In hexadecimal digits; ends the digesting. */
    String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int got = super.read(into, offset, length);
        if (got > 0) {
            digest.update(into, offset, got);
            count += got;
        }
        return got;
    }

    @Override
    public long skip(long wanted) throws IOException {
        byte[] passed = new byte[(int) Math.min(wanted, 16 << 10)];
        return Math.max(0, read(passed, 0, passed.length));
    }

    /** To the end. */
    void drain() throws IOException {
        byte[] passed = new byte[16 << 10];
        int got = read(passed, 0, passed.length);
        while (got >= 0) {
            got = read(passed, 0, passed.length);
        }
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
