package dev.selvage.devices;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;

/**
 * How long the agent was away: the age of a file whose modification time is moved each second while it runs. Only
 * metadata is written, so flash memory hardly notices.
 */
final class Downtime {
    private static final System.Logger LOG = System.getLogger(Downtime.class.getName());

    private final Path file;
    private final Duration before;

    private Downtime(Path file, Duration before) {
        this.file = file;
        this.before = before;
    }

    static Downtime open(Path directory, long nowMillis) throws IOException {
        Path file = directory.resolve("running");
        Duration before = Duration.ZERO;
        if (Files.exists(file)) {
            long last = Files.getLastModifiedTime(file).toMillis();
            before = Duration.ofMillis(Math.max(0, nowMillis - last));
        } else {
            Files.createFile(file);
        }
        Downtime downtime = new Downtime(file, before);
        downtime.touch(nowMillis);
        return downtime;
    }

    /** Between the end of the last run and the start of this one; zero at the very first start. */
    Duration before() {
        return before;
    }

    void touch(long nowMillis) {
        try {
            Files.setLastModifiedTime(file, FileTime.fromMillis(nowMillis));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot touch " + file, e);
        }
    }
}
