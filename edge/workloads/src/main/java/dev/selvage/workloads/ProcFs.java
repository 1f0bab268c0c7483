package dev.selvage.workloads;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what proc(5) says of processes. A process is named by pid and start time: pids come again. */
final class ProcFs {
    private static final Path PROC = Path.of("/proc");

    private ProcFs() {}

    /**
     * @param session pid of the process that leads the session
     * @param startTicks clock ticks since boot
     */
    record Stat(long pid, String command, char state, long parent, long session, long startTicks) {
        /** A zombie has ended, nobody has asked for its exit code yet. */
        boolean alive() {
            return state != 'Z' && state != 'X';
        }
    }

    static Optional<Stat> stat(long pid) {
        return read(PROC.resolve(pid + "/stat")).flatMap(ProcFs::parseStat);
    }

    /** One line of /proc/PID/stat; the command may hold spaces and parentheses, so it ends at the last one. */
    static Optional<Stat> parseStat(String line) {
        int open = line.indexOf('(');
        int close = line.lastIndexOf(')');
        if (open < 1 || close < open) {
            return Optional.empty();
        }
        String[] rest = line.substring(close + 1).strip().split(" ");
        if (rest.length < 20) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Stat(
                    Long.parseLong(line.substring(0, open).strip()),
                    line.substring(open + 1, close),
                    rest[0].charAt(0),
                    Long.parseLong(rest[1]),
                    Long.parseLong(rest[3]),
                    Long.parseLong(rest[19])));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    static String bootId() {
        return read(PROC.resolve("sys/kernel/random/boot_id"))
                .map(String::strip)
                .orElseThrow(() -> new UncheckedIOException(new IOException("/proc is not mounted")));
    }

    static Instant bootTime() {
        return read(PROC.resolve("stat")).stream()
                .flatMap(String::lines)
                .filter(l -> l.startsWith("btime "))
                .findFirst()
                .map(l -> Instant.ofEpochSecond(Long.parseLong(l.substring(6).strip())))
                .orElse(Instant.EPOCH);
    }

    static List<Long> children(long pid) {
        List<Long> pids = new ArrayList<>();
        read(PROC.resolve(pid + "/task/" + pid + "/children")).ifPresent(text -> {
            for (String child : text.strip().split(" ")) {
                if (!child.isEmpty()) {
                    pids.add(Long.parseLong(child));
                }
            }
        });
        return pids;
    }

    /** The pid in the innermost namespace, or 0. */
    static long innerPid(long pid) {
        return read(PROC.resolve(pid + "/status")).stream()
                .flatMap(String::lines)
                .filter(l -> l.startsWith("NSpid:"))
                .findFirst()
                .map(l -> Long.parseLong(l.substring(l.lastIndexOf('\t') + 1).strip()))
                .orElse(0L);
    }

    /** Arguments separated by NUL, or the empty string. */
    static String commandLine(long pid) {
        return read(PROC.resolve(pid + "/cmdline")).orElse("");
    }

    /**
     * Empty when there is no such file or process.
     *
     * @throws OwnLimitException when it cannot be known
     */
    static Optional<String> read(Path file) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (IOException e) {
            OwnLimitException.check(e.getMessage());
            return Optional.empty();
        }
    }
}
