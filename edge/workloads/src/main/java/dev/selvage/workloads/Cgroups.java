package dev.selvage.workloads;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Control groups of versions 1 and 2, also side by side (kernel: Documentation/admin-guide/cgroup-v1, cgroup-v2.rst).
 * Groups lie at {@code /selvage/INSTANCE/POD/RUN} below each hierarchy, apart from the agent's own, so that a service
 * manager that stops the agent does not touch them.
 */
final class Cgroups {
    private static final List<String> NEEDED = List.of("cpu", "memory", "pids");
    private static final long PERIOD_MICROS = 100_000;

    /** Directory of our base group per controller; with version 2 it is the same for all. */
    private final Map<String, Path> bases;

    private final Path unified;
    private final long podPids;

    private Cgroups(Map<String, Path> bases, Path unified, long podPids) {
        this.bases = bases;
        this.unified = unified;
        this.podPids = podPids;
    }

    /** Either the groups, or why there are none. */
    record Found(Optional<Cgroups> cgroups, String reason) {}

    static Found find(String mountInfo, String instance, long podPids) {
        Map<String, Path> mounts = new LinkedHashMap<>();
        Path unified = Path.of("/nonexistent");
        for (String line : mountInfo.lines().toList()) {
            String[] sides = line.split(" - ", 2);
            String[] left = sides[0].split(" ");
            String[] right = sides.length == 2 ? sides[1].split(" ") : new String[0];
            if (left.length < 5 || right.length < 3) {
                continue;
            }
            Path mount = Path.of(left[4]);
            if (right[0].equals("cgroup")) {
                List<String> options = List.of(right[2].split(","));
                NEEDED.stream().filter(options::contains).forEach(c -> mounts.putIfAbsent(c, mount));
            } else if (right[0].equals("cgroup2")) {
                unified = mount;
            }
        }
        List<String> offered = List.of(ProcFs.read(unified.resolve("cgroup.controllers"))
                .orElse("")
                .strip()
                .split(" "));
        for (String controller : NEEDED) {
            if (!mounts.containsKey(controller) && offered.contains(controller)) {
                mounts.put(controller, unified);
            }
        }
        for (String controller : NEEDED) {
            if (!mounts.containsKey(controller)) {
                return new Found(Optional.empty(), "no cgroup hierarchy has the controller " + controller);
            }
        }
        mounts.replaceAll((c, mount) -> mount.resolve("selvage").resolve(instance));
        Cgroups cgroups = new Cgroups(mounts, unified, podPids);
        try {
            for (String controller : NEEDED) {
                cgroups.make(cgroups.base(controller));
            }
            return new Found(Optional.of(cgroups), "");
        } catch (IOException e) {
            return new Found(Optional.empty(), "cgroups are not writable (%s); run the agent as root".formatted(e));
        }
    }

    void preparePod(String pod) throws IOException {
        for (String controller : NEEDED) {
            make(base(controller).resolve(pod));
        }
        write(base("pids").resolve(pod), "pids.max", Long.toString(podPids));
    }

    /** The files to which a process writes its pid to join. */
    List<Path> create(String pod, String run, RunSpec.Limits limits) throws IOException {
        List<Path> joins = new ArrayList<>();
        for (String controller : NEEDED) {
            Path group = base(controller).resolve(pod).resolve(run);
            make(group);
            Path join = group.resolve("cgroup.procs");
            if (!joins.contains(join)) {
                joins.add(join);
            }
        }
        limitCpu(base("cpu").resolve(pod).resolve(run), limits);
        limitMemory(base("memory").resolve(pod).resolve(run), limits);
        return joins;
    }

    List<Path> joins(String pod, String run) {
        return NEEDED.stream()
                .map(c -> base(c).resolve(pod).resolve(run).resolve("cgroup.procs"))
                .distinct()
                .filter(Files::exists)
                .toList();
    }

    /** Whether the kernel killed something in the group because memory was exhausted. */
    boolean outOfMemory(String pod, String run) {
        Path group = base("memory").resolve(pod).resolve(run);
        String counts = ProcFs.read(group.resolve(isUnified(group) ? "memory.events" : "memory.oom_control"))
                .orElse("");
        return counts.lines().anyMatch(l -> l.startsWith("oom_kill ") && !l.equals("oom_kill 0"));
    }

    void remove(String pod, String run) {
        for (String controller : NEEDED) {
            delete(base(controller).resolve(pod).resolve(run));
        }
    }

    /** Removes the pod's groups; they must be empty of processes by now. */
    void removePod(String pod) {
        for (String controller : NEEDED) {
            Path group = base(controller).resolve(pod);
            try (DirectoryStream<Path> runs = Files.newDirectoryStream(group, Files::isDirectory)) {
                runs.forEach(Cgroups::delete);
            } catch (IOException e) {
                // it is gone already
            }
            delete(group);
        }
    }

    /** Removes our base groups when no pod is left. */
    void removeIfEmpty() {
        NEEDED.forEach(c -> OwnFiles.removeIfEmpty(base(c)));
    }

    private Path base(String controller) {
        return java.util.Objects.requireNonNull(bases.get(controller));
    }

    private boolean isUnified(Path group) {
        return group.startsWith(unified);
    }

    private void limitCpu(Path group, RunSpec.Limits limits) throws IOException {
        if (limits.cpuRequestMillis().isPresent()) {
            long shares = Math.clamp(limits.cpuRequestMillis().getAsLong() * 1024 / 1000, 2, 262_144);
            if (isUnified(group)) {
                write(group, "cpu.weight", Long.toString(1 + (shares - 2) * 9999 / 262_142));
            } else {
                write(group, "cpu.shares", Long.toString(shares));
            }
        }
        if (limits.cpuMillis().isPresent()) {
            long quota = Math.max(1000, limits.cpuMillis().getAsLong() * PERIOD_MICROS / 1000);
            if (isUnified(group)) {
                write(group, "cpu.max", quota + " " + PERIOD_MICROS);
            } else {
                write(group, "cpu.cfs_period_us", Long.toString(PERIOD_MICROS));
                write(group, "cpu.cfs_quota_us", Long.toString(quota));
            }
        }
    }

    private void limitMemory(Path group, RunSpec.Limits limits) throws IOException {
        if (limits.memoryBytes().isEmpty()) {
            return;
        }
        String bytes = Long.toString(limits.memoryBytes().getAsLong());
        if (isUnified(group)) {
            write(group, "memory.max", bytes);
            writeIfThere(group, "memory.swap.max", "0");
            writeIfThere(group, "memory.oom.group", "1");
        } else {
            write(group, "memory.limit_in_bytes", bytes);
            writeIfThere(group, "memory.memsw.limit_in_bytes", bytes);
        }
    }

    /** Makes a group and those above it; in version 2 each parent hands its controllers down. */
    private void make(Path group) throws IOException {
        if (!isUnified(group)) {
            Files.createDirectories(group);
            return;
        }
        Path here = unified;
        for (Path name : unified.relativize(group)) {
            for (Map.Entry<String, Path> base : bases.entrySet()) {
                if (isUnified(base.getValue())) {
                    write(here, "cgroup.subtree_control", "+" + base.getKey());
                }
            }
            here = here.resolve(name);
            if (!Files.isDirectory(here)) {
                Files.createDirectory(here);
            }
        }
    }

    private static void write(Path group, String file, String value) throws IOException {
        Files.writeString(group.resolve(file), value);
    }

    private static void writeIfThere(Path group, String file, String value) throws IOException {
        if (Files.exists(group.resolve(file))) {
            write(group, file, value);
        }
    }

    /** A group whose last process ended an instant ago may still be busy. */
    private static void delete(Path group) {
        for (int attempt = 0; attempt < 50; attempt++) {
            try {
                Files.delete(group);
                return;
            } catch (NoSuchFileException e) {
                return;
            } catch (IOException e) {
                try {
                    Thread.sleep(20);
                } catch (InterruptedException i) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
