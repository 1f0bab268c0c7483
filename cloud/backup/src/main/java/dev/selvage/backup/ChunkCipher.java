package dev.selvage.backup;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM over the chunks of a file, as the STREAM construction has it (Hoang, Reyhanitabar, Rogaway, Vizár, 2015): the nonce of a chunk is the file's prefix, the
 * chunk's number and whether it is the last, so that none can be left out, exchanged or put at the end. The header is authenticated with each.
 */
final class ChunkCipher {
    /** OWASP's Password Storage Cheat Sheet, 2023, for PBKDF2-HMAC-SHA-256. */
    private static final int ROUNDS = 600_000;

    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final byte[] noncePrefix;
    private final byte[] header;

    private ChunkCipher(SecretKeySpec key, byte[] noncePrefix, byte[] header) {
        this.key = key;
        this.noncePrefix = noncePrefix;
        this.header = header;
    }

    static FileHeader.Sealing newSealing() {
        var random = new SecureRandom();
        byte[] salt = new byte[FileHeader.Sealing.SALT];
        byte[] prefix = new byte[FileHeader.Sealing.PREFIX];
        random.nextBytes(salt);
        random.nextBytes(prefix);
        return new FileHeader.Sealing(salt, ROUNDS, prefix);
    }

    /** Empty for a plain file. */
    static Optional<ChunkCipher> of(FileHeader header, Optional<String> passphrase) {
        if (header.sealing().isEmpty()) {
            return Optional.empty();
        }
        FileHeader.Sealing sealing = header.sealing().get();
        String secret = passphrase.orElseThrow(() -> new BackupException("it is encrypted: give --passphrase-file"));
        return Optional.of(new ChunkCipher(key(secret, sealing), sealing.noncePrefix(), header.bytes()));
    }

    byte[] encrypt(byte[] plain, int length, long number, boolean last) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, number, last).doFinal(plain, 0, length);
        } catch (GeneralSecurityException e) {
            throw new BackupException("the backup cannot be encrypted: " + e.getMessage(), e);
        }
    }

    byte[] decrypt(byte[] sealed, long number, boolean last) {
        try {
            return cipher(Cipher.DECRYPT_MODE, number, last).doFinal(sealed);
        } catch (AEADBadTagException e) {
            throw new BackupException(
                    number == 0
                            ? "the passphrase does not open it"
                            : "it is damaged: chunk " + number + " is not what was encrypted",
                    e);
        } catch (GeneralSecurityException e) {
            throw new BackupException("it cannot be decrypted: " + e.getMessage(), e);
        }
    }

    private Cipher cipher(int mode, long number, boolean last) throws GeneralSecurityException {
        if (number > 0xffff_ffffL) {
            throw new BackupException("an encrypted backup has at most 2^32 chunks of 64 KiB");
        }
        ByteBuffer nonce =
                ByteBuffer.allocate(12).put(noncePrefix).putInt((int) number).put((byte) (last ? 1 : 0));
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce.array()));
        cipher.updateAAD(header);
        return cipher;
    }

    private static SecretKeySpec key(String passphrase, FileHeader.Sealing sealing) {
        PBEKeySpec spec = new PBEKeySpec(passphrase.toCharArray(), sealing.salt(), sealing.rounds(), 256);
        try {
            byte[] bytes = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            return new SecretKeySpec(bytes, "AES");
        } catch (GeneralSecurityException e) {
            throw new BackupException("the passphrase cannot be used: " + e.getMessage(), e);
        } finally {
            spec.clearPassword();
        }
    }
}
