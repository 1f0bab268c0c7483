package dev.selvage.workloads;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * When which part of a log was first seen: entries (end offset, milliseconds, CRC-32C of both), one that was damaged is passed over. A container writes its output itself, so
 * there is no time per line; this index gives one that is never earlier than the truth and late by about a second.
 */
final class LogTimes {
    private static final int ENTRY = 24;
    private static final int MAX_ENTRIES = 8192;

    private LogTimes() {}

    /** Notes that the log had this size at this time; at the limit every second note is dropped. */
    static void note(Path file, long size, long millis) throws IOException {
        ByteBuffer entry = ByteBuffer.allocate(ENTRY);
        put(entry, size, millis);
        entry.flip();
        try (var channel = Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            // Over an entry that a full disk took only in part.
            channel.position(channel.size() / ENTRY * ENTRY);
            channel.write(entry);
        }
        if (Files.size(file) > (long) MAX_ENTRIES * ENTRY) {
            thin(file);
        }
    }

    static NavigableMap<Long, Long> read(Path file) {
        NavigableMap<Long, Long> times = new TreeMap<>();
        try (DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(Files.newInputStream(file)))) {
            while (true) {
                long size = in.readLong();
                long millis = in.readLong();
                if (in.readLong() == checksum(size, millis)) {
                    times.put(size, millis);
                }
            }
        } catch (EOFException e) {
            return times;
        } catch (IOException e) {
            return times;
        }
    }

    private static void put(ByteBuffer into, long size, long millis) {
        into.putLong(size).putLong(millis).putLong(checksum(size, millis));
    }

    private static long checksum(long size, long millis) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(16).putLong(size).putLong(millis).flip());
        return crc.getValue();
    }

    /** The time at which the byte at {@code offset} had been seen, else {@code otherwise}. */
    static long at(NavigableMap<Long, Long> times, long offset, long otherwise) {
        Map.Entry<Long, Long> entry = times.higherEntry(offset);
        return entry == null ? otherwise : entry.getValue();
    }

    private static void thin(Path file) throws IOException {
        NavigableMap<Long, Long> times = read(file);
        ByteBuffer kept = ByteBuffer.allocate((times.size() / 2 + 1) * ENTRY);
        int index = times.size();
        for (Map.Entry<Long, Long> entry : times.entrySet()) {
            if (--index % 2 == 0) {
                put(kept, entry.getKey(), entry.getValue());
            }
        }
        Path next = file.resolveSibling("times.next");
        Files.write(next, java.util.Arrays.copyOf(kept.array(), kept.position()));
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
