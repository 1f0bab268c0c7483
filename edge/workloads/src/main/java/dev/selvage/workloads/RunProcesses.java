package dev.selvage.workloads;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds and ends the processes of a run: monitor, process 1, command. Nothing is signalled that is not certainly ours. */
final class RunProcesses {
    private static final Duration END_LIMIT = Duration.ofSeconds(2);
    /** Clock ticks within which process 1 has followed its monitor. */
    private static final long FOLLOWS_WITHIN = 2000;

    private RunProcesses() {}

    /** Process 1 of the container: bubblewrap started it at once after the monitor, so a pid used again is told apart. */
    static Optional<ProcFs.Stat> first(RunFiles.Monitor monitor, RunFiles.Status status) {
        long began = monitor.stat().startTicks();
        if (status.child() == 0) {
            return Optional.empty();
        }
        // Where the status file was damaged the monitor's own child is meant.
        return Stream.concat(
                        Stream.of(status.child()),
                        alive(monitor.stat()) ? ProcFs.children(monitor.stat().pid()).stream() : Stream.empty())
                .flatMap(pid -> ProcFs.stat(pid).stream())
                .filter(s -> s.alive()
                        && s.command().equals("bwrap")
                        && s.startTicks() >= began
                        && s.startTicks() <= began + FOLLOWS_WITHIN)
                .findFirst();
    }

    static boolean alive(ProcFs.Stat process) {
        return ProcFs.stat(process.pid())
                .filter(s -> s.alive() && s.startTicks() == process.startTicks())
                .isPresent();
    }

    /** The command is process 2 of the container; 0 before it exists. */
    static long mainPid(long first) {
        return ProcFs.children(first).stream()
                .filter(pid -> ProcFs.innerPid(pid) == 2)
                .findFirst()
                .orElse(0L);
    }

    /** What a container leaves behind when its command ends goes with its process 1. */
    static void end(ProcFs.Stat first) {
        kill(first);
        long deadline = System.nanoTime() + END_LIMIT.toNanos();
        while (alive(first) && System.nanoTime() < deadline) {
            pause(2);
        }
    }

    static void kill(ProcFs.Stat process) {
        if (alive(process)) {
            ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /**
     * Ends a command that was started inside, with all that it has started, except what made itself a session of its own. Those are ended first: the program outside ends
     * by itself after them, and takes their exit code with it.
     */
    static void endSession(Process outside) {
        long leader = ProcFs.children(outside.pid()).stream().findFirst().orElse(-1L);
        long deadline = System.nanoTime() + END_LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            List<ProcessHandle> inside = new ArrayList<>(outside.descendants().toList());
            if (leader > 0) {
                ProcessHandle.allProcesses()
                        .filter(p -> ProcFs.stat(p.pid())
                                .filter(s -> s.alive() && s.session() == leader)
                                .isPresent())
                        .forEach(inside::add);
            }
            inside.forEach(ProcessHandle::destroyForcibly);
            if (inside.isEmpty() && !outside.isAlive()) {
                return;
            }
            if (inside.isEmpty()) {
                outside.destroyForcibly();
            }
            pause(5);
        }
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
