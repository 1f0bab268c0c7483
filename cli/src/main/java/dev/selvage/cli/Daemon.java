package dev.selvage.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A background process of an installation. Its file holds pid and start time, so that a number that the kernel has given
 * to somebody else is never taken for ours.
 */
record Daemon(Home home, String component) {
    private static final long LOG_LIMIT = 10 << 20;
    private static final Duration GRACE = Duration.ofSeconds(15);
    /** Longer than it gives its database, whose last checkpoint takes its time on a slow disk. */
    private static final Duration CENTRE_GRACE = Duration.ofSeconds(60);

    Optional<ProcessHandle> running() {
        try {
            String[] parts = Files.readString(home.pidFile(component)).strip().split(" ");
            return ProcessHandle.of(Long.parseLong(parts[0]))
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> startTicks(process.pid()).equals(parts[1]));
        } catch (IOException | RuntimeException absent) {
            return Optional.empty();
        }
    }

    Duration uptime() {
        return running()
                .flatMap(p -> p.info().startInstant())
                .map(start -> Duration.between(start, Instant.now()))
                .orElse(Duration.ZERO);
    }

    /** Starts it in a session of its own, so that a terminal's end or Ctrl-C does not reach it. */
    ProcessHandle start(List<String> command) {
        Path log = home.log(component);
        List<String> detached = new ArrayList<>(List.of("setsid"));
        detached.addAll(command);
        try {
            rotate(log);
            Process process = new ProcessBuilder(detached)
                    .directory(home.directory().toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            Files.writeString(home.pidFile(component), process.pid() + " " + startTicks(process.pid()) + "\n");
            return process.toHandle();
        } catch (IOException e) {
            throw new CommandFailed("cannot start the " + component + ": " + e.getMessage(), e);
        }
    }

    /** Asks it to end, and makes it end after a while. Returns whether it was running. */
    boolean stop() {
        return stop(component.equals(Installation.CENTRE) ? CENTRE_GRACE : GRACE);
    }

    boolean stop(Duration grace) {
        Optional<ProcessHandle> process = running();
        process.ifPresent(p -> {
            p.destroy();
            if (!ended(p, grace)) {
                p.destroyForcibly();
                ended(p, Duration.ofSeconds(5));
            }
        });
        try {
            Files.deleteIfExists(home.pidFile(component));
        } catch (IOException e) {
            throw new CommandFailed("cannot remove " + home.pidFile(component) + ": " + e.getMessage(), e);
        }
        return process.isPresent();
    }

    /** The end of its log, for a message about a process that failed. */
    String lastLines(int count) {
        try {
            List<String> lines = Files.readAllLines(home.log(component));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
        } catch (IOException | RuntimeException unreadable) {
            return "";
        }
    }

    private static boolean ended(ProcessHandle process, Duration limit) {
        try {
            process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (java.util.concurrent.TimeoutException | java.util.concurrent.ExecutionException e) {
            return !process.isAlive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    private static void rotate(Path log) throws IOException {
        if (Files.exists(log) && Files.size(log) > LOG_LIMIT) {
            Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Start time in clock ticks since boot: field 22 of proc_pid_stat(5). */
    private static String startTicks(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
        } catch (IOException gone) {
            return "gone";
        }
    }
}
