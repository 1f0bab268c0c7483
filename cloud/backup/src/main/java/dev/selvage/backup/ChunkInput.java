package dev.selvage.backup;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;

/** Reads what {@link ChunkOutput} writes. {@link #verify} is to come first: it holds a whole file to its checksum. */
final class ChunkInput extends InputStream {
    private static final int MOST = ChunkOutput.PLAIN + 16;

    private final DataInputStream in;
    private final Optional<ChunkCipher> cipher;
    private byte[] chunk = new byte[0];
    private int position;
    private long number;
    private boolean last;

    /** @throws BackupException when it needs a passphrase and none is given */
    ChunkInput(InputStream raw, Optional<String> passphrase) throws IOException {
        this.in = new DataInputStream(raw);
        this.cipher = ChunkCipher.of(FileHeader.read(in), passphrase);
    }

    /**
     * Reads the file to its end, in bounded memory.
     *
     * @throws BackupException for a file that is no backup, of a newer format, cut short, damaged, or followed by something
     */
    static void verify(Path file) throws IOException {
        MessageDigest digest = Digests.sha256();
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
                DataInputStream in = new DataInputStream(new DigestInputStream(raw, digest))) {
            FileHeader.read(in);
            byte[] buffer = new byte[MOST];
            boolean end = false;
            while (!end) {
                int length = in.readInt();
                end = (length & ChunkOutput.LAST) != 0;
                in.readFully(buffer, 0, bounded(length));
            }
            byte[] actual = digest.digest();
            byte[] expected = new byte[Digests.LENGTH];
            new DataInputStream(raw).readFully(expected);
            if (!MessageDigest.isEqual(actual, expected)) {
                throw new BackupException("it is damaged: its checksum does not hold");
            }
            if (raw.read() >= 0) {
                throw new BackupException("it is damaged: something follows its end");
            }
        } catch (EOFException e) {
            throw new BackupException("it is cut short: it ends after " + Files.size(file) + " bytes", e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (position == chunk.length) {
            if (last) {
                return -1;
            }
            next();
        }
        int part = Math.min(length, chunk.length - position);
        System.arraycopy(chunk, position, bytes, offset, part);
        position += part;
        return part;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void next() throws IOException {
        int length = in.readInt();
        last = (length & ChunkOutput.LAST) != 0;
        byte[] sealed = new byte[bounded(length)];
        in.readFully(sealed);
        chunk = cipher.isPresent() ? cipher.get().decrypt(sealed, number, last) : sealed;
        position = 0;
        number++;
    }

    private static int bounded(int length) {
        int bytes = length & ~ChunkOutput.LAST;
        if (bytes > MOST) {
            throw new BackupException("it is damaged: found a chunk of " + bytes + " bytes, accepted are " + MOST);
        }
        return bytes;
    }
}
