package dev.selvage.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kernel's account of processes: proc(5). */
public final class Processes {
    /**
     * Puts this process before the others, where the system allows it: each session has a share of the processor (sched(7), "The autogroup feature"), and who looks on would be one
     * among hundreds and see late what happens.
     */
    static void lookOnFirst() {
        try {
            Files.writeString(Path.of("/proc/self/autogroup"), "-10");
        } catch (IOException e) {
            // Another system, or no right to: then what is seen late counts as it is seen.
        }
    }

    private Processes() {}

    /** Processes with that exact argument, wherever in their sandbox they are. */
    public static List<Long> withArgument(String argument) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> List.of(commandLine(pid).split("\0")).contains(argument))
                .toList();
    }

    /** All arguments of the processes of that name: one look at the machine. */
    static Set<String> argumentsOf(String name) {
        return named(name).stream()
                .flatMap(pid -> Stream.of(commandLine(pid).split("\0")))
                .collect(Collectors.toSet());
    }

    /** Proportional set size in KiB: shared pages count by their share. */
    static long pss(long pid) throws IOException {
        try (var lines = Files.lines(proc(pid, "smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        }
    }

    /** User and system time since the process began: proc(5), stat, fields 14 and 15, in hundredths of a second. */
    static Duration cpu(long pid) {
        String stat = read(pid, "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Duration.ofMillis(10 * (Long.parseLong(fields[11]) + Long.parseLong(fields[12])));
    }

    static List<Long> named(String name) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> read(pid, "comm").strip().equals(name))
                .toList();
    }

    /** Where its standard output goes; the root when that cannot be seen. */
    static Path output(long pid) {
        try {
            return Files.readSymbolicLink(proc(pid, "fd").resolve("1"));
        } catch (IOException gone) {
            return Path.of("/");
        }
    }

    /** Kills without a chance to react, and waits until they are gone. */
    public static void kill(Collection<Long> pids) {
        List<ProcessHandle> processes =
                pids.stream().flatMap(pid -> ProcessHandle.of(pid).stream()).toList();
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }

    private static String commandLine(long pid) {
        return read(pid, "cmdline");
    }

    private static String read(long pid, String file) {
        try {
            return new String(Files.readAllBytes(proc(pid, file)), StandardCharsets.UTF_8);
        } catch (IOException gone) {
            return "";
        }
    }

    private static Path proc(long pid, String file) {
        return Path.of("/proc", Long.toString(pid), file);
    }
}
