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

/**
 * When which part of a log was first seen: pairs (end offset, milliseconds). A container writes its output itself, so
 * there is no time per line; this index gives one that is never earlier than the truth and late by about a second.
 */
final class LogTimes {
    private static final int PAIR = 16;
    private static final int MAX_PAIRS = 8192;

    private LogTimes() {}

    /** Notes that the log had this size at this time; at the limit every second note is dropped. */
    static void note(Path file, long size, long millis) throws IOException {
        ByteBuffer pair =
                ByteBuffer.allocate(PAIR).putLong(size).putLong(millis).flip();
        try (var channel = Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            channel.write(pair);
        }
        if (Files.size(file) > (long) MAX_PAIRS * PAIR) {
            thin(file);
        }
    }

    static NavigableMap<Long, Long> read(Path file) {
        NavigableMap<Long, Long> times = new TreeMap<>();
        try (DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(Files.newInputStream(file)))) {
            while (true) {
                times.put(in.readLong(), in.readLong());
            }
        } catch (EOFException e) {
            return times;
        } catch (IOException e) {
            return times;
        }
    }

    /** The time at which the byte at {@code offset} had been seen, else {@code otherwise}. */
    static long at(NavigableMap<Long, Long> times, long offset, long otherwise) {
        Map.Entry<Long, Long> entry = times.higherEntry(offset);
        return entry == null ? otherwise : entry.getValue();
    }

    private static void thin(Path file) throws IOException {
        NavigableMap<Long, Long> times = read(file);
        ByteBuffer kept = ByteBuffer.allocate((times.size() / 2 + 1) * PAIR);
        int index = times.size();
        for (Map.Entry<Long, Long> entry : times.entrySet()) {
            if (--index % 2 == 0) {
                kept.putLong(entry.getKey()).putLong(entry.getValue());
            }
        }
        Path next = file.resolveSibling("times.next");
        Files.write(next, java.util.Arrays.copyOf(kept.array(), kept.position()));
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
