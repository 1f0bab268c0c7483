package dev.selvage.workloads;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written to version 2 (cgroup-v2.rst), on files in its place: this machine has version 1, see LimitsTest. */
class CgroupsTest {
    @TempDir
    Path mount;

    private Cgroups.Found find() {
        return Cgroups.find("30 20 0:26 / %s rw,nosuid - cgroup2 cgroup2 rw\n".formatted(mount), "abc", 99);
    }

    @Test
    void versionTwoGetsWeightQuotaMemoryAndPidsAndControllersHandedDown() throws Exception {
        Files.writeString(mount.resolve("cgroup.controllers"), "cpuset cpu io memory hugetlb pids\n");
        Cgroups cgroups = find().cgroups().orElseThrow();
        cgroups.preparePod("pod-1");
        Path run = mount.resolve("selvage/abc/pod-1/app.0");
        Files.createDirectories(run);
        for (String file : List.of("memory.swap.max", "memory.oom.group", "cgroup.procs")) {
            Files.createFile(run.resolve(file));
        }
        List<Path> joins = cgroups.create(
                "pod-1",
                "app.0",
                new RunSpec.Limits(OptionalLong.of(1500), OptionalLong.of(1000), OptionalLong.of(1 << 20)));
        assertThat(joins).containsExactly(run.resolve("cgroup.procs"));
        assertThat(run.resolve("cpu.max")).hasContent("150000 100000");
        assertThat(run.resolve("cpu.weight")).hasContent("39");
        assertThat(run.resolve("memory.max")).hasContent("1048576");
        assertThat(run.resolve("memory.swap.max")).hasContent("0");
        assertThat(run.resolve("memory.oom.group")).hasContent("1");
        assertThat(mount.resolve("selvage/abc/pod-1/pids.max")).hasContent("99");
        assertThat(mount.resolve("selvage/abc/cgroup.subtree_control")).exists();
        assertThat(run.resolve("cgroup.subtree_control")).doesNotExist();
    }

    @Test
    void aKillForWantOfMemoryIsReadFromMemoryEvents() throws Exception {
        Files.writeString(mount.resolve("cgroup.controllers"), "cpu memory pids\n");
        Cgroups cgroups = find().cgroups().orElseThrow();
        Path run = Files.createDirectories(mount.resolve("selvage/abc/pod-1/app.0"));
        Files.writeString(run.resolve("memory.events"), "low 0\nhigh 0\nmax 5\noom 1\noom_kill 0\n");
        assertThat(cgroups.outOfMemory("pod-1", "app.0")).isFalse();
        Files.writeString(run.resolve("memory.events"), "low 0\nhigh 0\nmax 5\noom 1\noom_kill 2\n");
        assertThat(cgroups.outOfMemory("pod-1", "app.0")).isTrue();
    }

    @Test
    void aMissingControllerIsNamed() throws Exception {
        Files.writeString(mount.resolve("cgroup.controllers"), "cpu pids\n");
        assertThat(find().cgroups()).isEmpty();
        assertThat(find().reason()).isEqualTo("no cgroup hierarchy has the controller memory");
    }
}
