package dev.selvage.store;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The postmaster as an operating system process: how it is started, found again and stopped. */
final class PostgresServer {
    private static final Duration STOP_FAST = Duration.ofSeconds(30);
    private static final Duration STOP_AT_ONCE = Duration.ofSeconds(10);
    private static final long MAX_LOG_BYTES = 10 << 20;
    /** Small: the centre shares its machine, and the operating system caches files as well. */
    private static final List<String> SETTINGS = List.of(
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=80",
            "shared_buffers=32MB",
            "max_wal_size=256MB",
            "max_parallel_workers_per_gather=0",
            "io_method=sync",
            "jit=off",
            "log_min_messages=warning",
            "logging_collector=off",
            "TimeZone=UTC",
            "log_timezone=UTC");

    private final PostgresProgram program;
    private final Path data;
    private final Path log;

    PostgresServer(PostgresProgram program, Path data, Path log) {
        this.program = program;
        this.data = data;
        this.log = log;
    }

    /** Makes a new data directory; one that a killed process left half made is thrown away. */
    void initialise(String user, Path passwordFile) throws IOException, InterruptedException {
        if (Files.exists(data.resolve("PG_VERSION"))) {
            return;
        }
        Path half = data.resolveSibling(data.getFileName() + ".new");
        PostgresProgram.deleteTree(half);
        List<String> command = unprivileged();
        command.addAll(List.of(
                program.binary("initdb").toString(),
                "--pgdata=" + half,
                "--username=" + user,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C"));
        Process initdb = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        if (!initdb.waitFor(2, TimeUnit.MINUTES) || initdb.exitValue() != 0) {
            initdb.destroyForcibly();
            throw new StoreException("embedded PostgreSQL: initdb failed:\n" + logTail());
        }
        Files.move(half, data, StandardCopyOption.ATOMIC_MOVE);
    }

    /** In a session of its own, so that a Ctrl-C meant for the centre does not reach it. */
    Process launch(int port) throws IOException {
        rotateLog();
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(unprivileged());
        command.addAll(List.of(program.binary("postgres").toString(), "-D", data.toString(), "-p", "" + port));
        SETTINGS.forEach(setting -> command.addAll(List.of("-c", setting)));
        return new ProcessBuilder(command)
                .directory(data.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /**
     * Ends a postmaster that an earlier centre left on this data directory, and removes a pid file whose process is gone. A live process that is
     * not PostgreSQL on these data is left alone: its number was merely used again.
     */
    void endLeftOver() throws IOException, InterruptedException {
        Path pidFile = data.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        Optional<ProcessHandle> old =
                firstLine(pidFile).flatMap(ProcessHandle::of).filter(this::isOurs);
        if (old.isPresent()) {
            stop(old.get());
        }
        Files.deleteIfExists(pidFile);
    }

    /** A fast shutdown; when it takes too long an immediate one, from which the next start recovers by the log. */
    static void stop(ProcessHandle postmaster) throws IOException, InterruptedException {
        signal(postmaster, "INT");
        if (!ended(postmaster, STOP_FAST)) {
            signal(postmaster, "QUIT");
            if (!ended(postmaster, STOP_AT_ONCE)) {
                throw new StoreException("embedded PostgreSQL: process " + postmaster.pid() + " does not stop");
            }
        }
    }

    String logTail() {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    private void rotateLog() throws IOException {
        if (Files.exists(log) && Files.size(log) > MAX_LOG_BYTES) {
            Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private boolean isOurs(ProcessHandle process) {
        try {
            String commandLine = Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1);
            List<String> arguments = List.of(commandLine.split("\0"));
            return arguments.contains(data.toString()) && arguments.getFirst().endsWith("/postgres");
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * The port of the server that runs on a data directory: line 4 of {@code postmaster.pid} (miscadmin.h).
     *
     * @throws IOException when none runs, or has not said it yet
     */
    static int port(Path data) throws IOException {
        List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
        if (lines.size() < 4 || !lines.get(3).strip().matches("\\d{1,5}")) {
            throw new IOException("postmaster.pid has no port yet");
        }
        return Integer.parseInt(lines.get(3).strip());
    }

    private static Optional<Long> firstLine(Path pidFile) throws IOException {
        try {
            return Files.readAllLines(pidFile).stream().findFirst().map(line -> Long.parseLong(line.strip()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** PostgreSQL refuses to run as root: a user namespace without a mapping makes root nobody, who still owns root's files. */
    private static List<String> unprivileged() throws IOException {
        boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        return new ArrayList<>(root ? List.of("unshare", "-U") : List.of());
    }

    private static void signal(ProcessHandle process, String name) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** A process that has ended but that its parent has not noticed yet, a zombie, does not run: the parent of an orphan may take its time. */
    static boolean running(ProcessHandle process) {
        try {
            String stat = Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "stat"), StandardCharsets.ISO_8859_1);
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z' && process.isAlive();
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean ended(ProcessHandle process, Duration within) throws InterruptedException {
        Instant deadline = Instant.now().plus(within);
        while (running(process)) {
            if (Instant.now().isAfter(deadline)) {
                return false;
            }
            Thread.sleep(Duration.ofMillis(20));
        }
        return true;
    }
}
