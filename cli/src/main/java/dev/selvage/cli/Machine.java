package dev.selvage.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What there is to know of the machine and of an installation's processes and files, for a support case. */
final class Machine {
    private static final int MAX_FILES = 5_000;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private Machine() {}

    static String versions() throws IOException {
        return "selvage   "
                + Main.VERSION + "\n"
                + "java      " + Runtime.version() + ", " + System.getProperty("java.vendor") + "\n"
                + "kernel    " + Files.readString(Path.of("/proc/version"))
                + "arch      " + System.getProperty("os.arch") + "\n"
                + "cores     " + Runtime.getRuntime().availableProcessors() + "\n"
                + read("/etc/os-release")
                + "bubblewrap " + output("bwrap", "--version")
                + "kubectl   " + output("kubectl", "version", "--client=true");
    }

    static String resources(Path home) throws IOException {
        return read("/proc/loadavg")
                + read("/proc/meminfo")
                + read("/proc/pressure/memory")
                + read("/proc/pressure/io")
                + output("df", "-hT", home.toString())
                + output("df", "-i", home.toString())
                + read("/proc/self/cgroup")
                + read("/proc/self/mountinfo");
    }

    /** Command line, memory, threads and open files of each. */
    static String processes(List<Daemon> daemons) {
        return daemons.stream()
                .map(daemon -> daemon.component() + ": "
                        + daemon.running().map(Machine::process).orElse("stopped\n"))
                .collect(Collectors.joining("\n"));
    }

    private static String process(ProcessHandle process) {
        String proc = "/proc/" + process.pid() + "/";
        long files = 0;
        try (Stream<Path> open = Files.list(Path.of(proc + "fd"))) {
            files = open.count();
        } catch (IOException denied) {
            files = -1;
        }
        return "pid " + process.pid() + ", " + files + " open files\n"
                + read(proc + "cmdline").replace('\0', ' ') + "\n" + read(proc + "status") + read(proc + "smaps_rollup")
                + read(proc + "limits") + read(proc + "oom_score");
    }

    /** Size, time and name of each file, no content; PostgreSQL's own are left out. */
    static String files(Path home) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(home, Set.of(), 8, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return directory.endsWith("postgres/data")
                        ? FileVisitResult.SKIP_SUBTREE
                        : visitFile(directory, attributes);
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                found.add(file);
                return found.size() < MAX_FILES ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path gone, IOException e) {
                return FileVisitResult.CONTINUE; // what runs makes and deletes files meanwhile
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return found.stream().map(Machine::file).collect(Collectors.joining());
    }

    private static String file(Path file) {
        try {
            return "%12d %s %s%n".formatted(Files.size(file), Files.getLastModifiedTime(file), file);
        } catch (IOException gone) {
            return "           ? " + file + "\n";
        }
    }

    /** A JVM's threads, virtual ones included, and its heap. */
    static String threads(ProcessHandle process, Path scratch) throws IOException {
        String jcmd = Path.of(System.getProperty("selvage.jdk", System.getProperty("java.home")), "bin", "jcmd")
                .toString();
        String pid = Long.toString(process.pid());
        try {
            String said = output(jcmd, pid, "Thread.dump_to_file", "-overwrite", scratch.toString());
            return output(jcmd, pid, "GC.heap_info")
                    + said
                    + Files.readString(scratch)
                    + output(jcmd, pid, "Thread.print", "-l");
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    /** Empty where there is no such file. */
    static String read(String file) {
        try {
            String text = Files.readString(Path.of(file));
            return text.endsWith("\n") ? text : text + "\n";
        } catch (IOException absent) {
            return file + ": " + absent.getClass().getSimpleName() + "\n";
        }
    }

    private static String output(String... command) {
        try {
            String text = Program.run(LIMIT, List.of(command)).output();
            return text.endsWith("\n") ? text : text + "\n";
        } catch (IOException absent) {
            return String.join(" ", command) + ": " + absent.getMessage() + "\n";
        }
    }
}
