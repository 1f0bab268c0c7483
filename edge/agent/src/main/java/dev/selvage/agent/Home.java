package dev.selvage.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** The agent's directory. Only its owner may look inside: it holds the node's key and its secrets. */
record Home(Path directory) {
    /** @throws ConfigException when the directory cannot be made or written */
    static Home open(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        try {
            if (!Files.isDirectory(absolute)) {
                Files.createDirectories(absolute);
            }
            Files.setPosixFilePermissions(absolute, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new ConfigException("home directory " + absolute + " cannot be used: " + reason(e), e);
        }
        if (!Files.isWritable(absolute)) {
            throw new ConfigException("home directory " + absolute
                    + " cannot be written: choose another with --home, or give it to this user");
        }
        return new Home(absolute);
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName().replace("Exception", "") + " " + e.getMessage();
    }

    Path config() {
        return directory.resolve("agent.properties");
    }

    Path identity() {
        return directory.resolve("identity");
    }

    Path slice() {
        return directory.resolve("slice.db");
    }

    Path lanes() {
        return directory.resolve("lanes");
    }

    Path pods() {
        return directory.resolve("pods");
    }

    /** What is remembered of the runs of CronJobs. */
    Path cronJobs() {
        return directory.resolve("cronjobs");
    }

    Path devices() {
        return directory.resolve("devices");
    }

    Path streams() {
        return directory.resolve("streams");
    }

    Path siteToken() {
        return directory.resolve("site.token");
    }

    Path podTokenKey() {
        return directory.resolve("pod-tokens.key");
    }

    /** The port that the loopback API really has, for {@code status}. */
    Path loopbackPort() {
        return directory.resolve("loopback.port");
    }

    /** Held while an agent works here; the kernel lets go of it however the agent ends. */
    static final class Lock implements AutoCloseable {
        private final FileChannel channel;

        private Lock(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** @throws ConfigException when another agent works in this home */
    Lock lock() {
        Path file = directory.resolve("agent.lock");
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new ConfigException(
                        "another agent works in " + directory + ": stop it first, or choose another --home");
            }
            return new Lock(channel);
        } catch (IOException e) {
            throw new ConfigException("cannot lock " + file + ": " + reason(e), e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException sameProcess) {
            return null;
        }
    }
}
