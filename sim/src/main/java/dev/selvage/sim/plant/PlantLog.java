package dev.selvage.sim.plant;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The plant's own account of what happened, one JSON object a line, against which others are checked. Each line is
 * handed to the kernel at once, so that killing the plant loses none. At the size limit the file becomes {@code .1} and
 * the older one goes: the log never takes more than twice the limit.
 */
final class PlantLog implements AutoCloseable {
    private final Path file;
    private final long limit;
    private BufferedWriter out;
    private long written;

    PlantLog(Path file, long limit) throws IOException {
        this.file = file;
        this.limit = limit;
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        out = open();
        written = Files.size(file);
    }

    /** Writes one line: the time and the given fields of a JSON object, without braces. */
    synchronized void write(long atMillis, String fields) {
        String line = "{\"t\":" + atMillis + "," + fields + "}\n";
        try {
            if (written + line.length() > limit) {
                rotate();
            }
            out.write(line);
            out.flush();
            written += line.length();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private void rotate() throws IOException {
        out.close();
        Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        out = open();
        written = 0;
    }

    private BufferedWriter open() throws IOException {
        return Files.newBufferedWriter(
                file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
