package dev.selvage.containers;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Counts and digests what is read. */
final class DigestInput extends BulkInput {
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
    public int read(byte[] into, int offset, int length) throws IOException {
        int got = in.read(into, offset, length);
        if (got > 0) {
            digest.update(into, offset, got);
            count += got;
        }
        return got;
    }

    /** To the end. */
    void drain() throws IOException {
        byte[] passed = new byte[16 << 10];
        int got = read(passed, 0, passed.length);
        while (got >= 0) {
            got = read(passed, 0, passed.length);
        }
    }
}
