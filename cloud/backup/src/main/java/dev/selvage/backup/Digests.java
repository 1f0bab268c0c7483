package dev.selvage.backup;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The checksum of a backup. */
final class Digests {
    static final int LENGTH = 32;

    private Digests() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
