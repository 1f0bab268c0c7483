package dev.selvage.backup;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The first bytes of a backup, never encrypted: {@value #MAGIC} in ASCII, u16 version, u8 0 (plain) or 1 (encrypted), and then for an encrypted one 16 bytes of salt,
 * u32 rounds of PBKDF2-HMAC-SHA-256 and 7 bytes with which each nonce begins. Numbers are big-endian.
 */
record FileHeader(int version, Optional<Sealing> sealing) {
    static final String MAGIC = "SELVBKUP";
    static final int VERSION = 1;
    private static final int LEAST_ROUNDS = 100_000;
    private static final int MOST_ROUNDS = 10_000_000;

    /** How the key of an encrypted backup is made. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Sealing(byte[] salt, int rounds, byte[] noncePrefix) {
        static final int SALT = 16;
        static final int PREFIX = 7;
    }

    byte[] bytes() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.write(MAGIC.getBytes(StandardCharsets.US_ASCII));
            out.writeShort(version);
            out.writeByte(sealing.isPresent() ? 1 : 0);
            if (sealing.isPresent()) {
                out.write(sealing.get().salt());
                out.writeInt(sealing.get().rounds());
                out.write(sealing.get().noncePrefix());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @throws BackupException for what is no backup, or one of a newer format */
    static FileHeader read(DataInputStream in) throws IOException {
        byte[] magic = in.readNBytes(MAGIC.length());
        if (!Arrays.equals(magic, MAGIC.getBytes(StandardCharsets.US_ASCII))) {
            throw new BackupException("it is not a backup of Selvage: it does not begin with " + MAGIC);
        }
        try {
            int version = in.readUnsignedShort();
            if (version != VERSION) {
                throw new BackupException("its format is version " + version + ", this version of Selvage reads "
                        + VERSION + ": restore it with the version that made it, or a newer one");
            }
            int form = in.readUnsignedByte();
            if (form > 1) {
                throw new BackupException("it is damaged: found form " + form + ", accepted are 0 and 1");
            }
            return new FileHeader(version, form == 1 ? Optional.of(sealing(in)) : Optional.empty());
        } catch (EOFException e) {
            throw new BackupException("it is cut short: it ends within its header", e);
        }
    }

    private static Sealing sealing(DataInputStream in) throws IOException {
        byte[] salt = new byte[Sealing.SALT];
        in.readFully(salt);
        int rounds = in.readInt();
        if (rounds < LEAST_ROUNDS || rounds > MOST_ROUNDS) {
            throw new BackupException("it is damaged: found " + rounds + " rounds of PBKDF2, accepted are "
                    + LEAST_ROUNDS + " to " + MOST_ROUNDS);
        }
        byte[] prefix = new byte[Sealing.PREFIX];
        in.readFully(prefix);
        return new Sealing(salt, rounds, prefix);
    }
}
