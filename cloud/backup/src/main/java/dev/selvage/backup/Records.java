package dev.selvage.backup;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipException;

/**
 * What is inside the chunks, once inflated (RFC 1950): a manifest, then for each table its name and columns, its rows as {@code COPY … (FORMAT binary)} of PostgreSQL
 * gives them, cut anywhere, and their number. Names are modified UTF-8 behind a u16 length, numbers big-endian.
 *
 * <pre>
 * 1 u32 length, manifest                 4 u64 rows
 * 2 name, u16 columns, name of each      5 (the end)
 * 3 u32 length, bytes
 * </pre>
 */
sealed interface Records {
    int MOST_BYTES = 1 << 20;
    int MOST_COLUMNS = 1600;

    /** The first record. */
    record Head(Manifest manifest) implements Records {}

    /** Rows of this table follow. */
    record Table(String name, List<String> columns) implements Records {}

    /** A piece of the rows. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Data(byte[] bytes) implements Records {}

    /** So many rows the table has. */
    record TableEnd(long rows) implements Records {}

    /** Nothing follows. */
    record End() implements Records {}

    default void write(DataOutputStream out) throws IOException {
        switch (this) {
            case Head(Manifest manifest) -> block(out, 1, manifest.bytes());
            case Table(String name, List<String> columns) -> {
                out.writeByte(2);
                out.writeUTF(name);
                out.writeShort(columns.size());
                for (String column : columns) {
                    out.writeUTF(column);
                }
            }
            case Data(byte[] bytes) -> block(out, 3, bytes);
            case TableEnd(long rows) -> {
                out.writeByte(4);
                out.writeLong(rows);
            }
            case End() -> out.writeByte(5);
        }
    }

    /** @throws BackupException for what is none of these */
    static Records read(DataInputStream in) throws IOException {
        try {
            int type = in.readUnsignedByte();
            return switch (type) {
                case 1 -> new Head(Manifest.of(block(in)));
                case 2 -> new Table(in.readUTF(), columns(in));
                case 3 -> new Data(block(in));
                case 4 -> new TableEnd(in.readLong());
                case 5 -> new End();
                default -> throw new BackupException("it is damaged: found record " + type + ", accepted are 1 to 5");
            };
        } catch (EOFException | ZipException e) {
            throw new BackupException("it is damaged: " + e.getMessage(), e);
        }
    }

    private static void block(DataOutputStream out, int type, byte[] bytes) throws IOException {
        out.writeByte(type);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] block(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MOST_BYTES) {
            throw new BackupException("it is damaged: found a record of " + Integer.toUnsignedString(length)
                    + " bytes, accepted are " + MOST_BYTES);
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static List<String> columns(DataInputStream in) throws IOException {
        int count = in.readUnsignedShort();
        if (count > MOST_COLUMNS) {
            throw new BackupException("it is damaged: found " + count + " columns, accepted are " + MOST_COLUMNS);
        }
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            columns.add(in.readUTF());
        }
        return columns;
    }
}
