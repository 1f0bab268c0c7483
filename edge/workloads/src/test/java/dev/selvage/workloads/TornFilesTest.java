package dev.selvage.workloads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 3, "Torn files": what pods leave on the disk, cut off and with a flipped bit at every byte. */
class TornFilesTest {
    @TempDir
    Path home;

    @Test
    void aDamagedRecordIsSetAsideAndToldAndNeverRead() throws IOException {
        PodRecord record = new PodRecord(new Pod(TestNode.pod("torn-1", "sleep", "1000")));
        new PodStore(home).save("torn-1", record);
        Path file = home.resolve("pods/torn-1/pod.json");
        byte[] whole = Files.readAllBytes(file);
        for (byte[] torn : torn(whole)) {
            Files.write(file, torn);
            PodStore store = new PodStore(home);
            assertThat(store.load()).isEmpty();
            assertThat(store.faults())
                    .singleElement()
                    .asString()
                    .contains("state of pod torn-1", "set aside as pod.json");
            assertThat(store.takeLost()).containsExactly("torn-1");
        }
        try (Stream<Path> files = Files.list(home.resolve("pods/torn-1"))) {
            assertThat(files).hasSize(3);
        }
        Files.write(file, whole);
        assertThat(new PodStore(home).load().values())
                .singleElement()
                .satisfies(read -> assertThat(read.json()).isEqualTo(record.json()));
    }

    /** Else the container would be taken for ended and be started a second time beside itself. */
    @Test
    void theMonitorOfARunIsFoundWhicheverOfItsTwoFilesIsDamaged() throws IOException {
        Process monitor = new ProcessBuilder("sleep", "1000").start();
        try {
            RunFiles files = RunFiles.of(home, new RunId("torn-2", "app", 0));
            Files.createDirectories(files.directory());
            String stat =
                    ProcFs.read(Path.of("/proc/" + monitor.pid() + "/stat")).orElseThrow();
            byte[] whole = (ProcFs.bootId() + "\n" + stat).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            for (Path damaged : List.of(files.identity(), files.identityCopy())) {
                Files.write(files.identity(), whole);
                Files.write(files.identityCopy(), whole);
                for (byte[] torn : torn(whole)) {
                    Files.write(damaged, torn);
                    assertThat(files.monitor()).hasValueSatisfying(found -> {
                        assertThat(found.bootId()).isEqualTo(ProcFs.bootId());
                        assertThat(found.stat().pid()).isEqualTo(monitor.pid());
                        assertThat(RunProcesses.alive(found.stat())).isTrue();
                    });
                }
            }
        } finally {
            monitor.destroyForcibly();
        }
    }

    /** Bubblewrap writes these; a part of one tells less, never something else. */
    @Test
    void aStatusFileThatWasCutOffTellsWhatIsStillThere() throws IOException {
        RunFiles files = RunFiles.of(home, new RunId("torn-3", "app", 0));
        Files.createDirectories(files.status().getParent());
        String child = "{\"child-pid\": 4711}\n";
        byte[] whole = (child + "{\"exit-code\": 3}\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (int length = 0; length < whole.length; length++) {
            Files.write(files.status(), Arrays.copyOf(whole, length));
            RunFiles.Status status = files.read();
            assertThat(status.child()).isEqualTo(length < child.length() - 1 ? 0 : 4711);
            assertThat(status.exitCode())
                    .isEqualTo(length < whole.length - 1 ? OptionalInt.empty() : OptionalInt.of(3));
        }
    }

    @Test
    void aDamagedTimeOfALogIsPassedOver() throws IOException {
        Path file = home.resolve("times");
        for (int i = 1; i <= 3; i++) {
            LogTimes.note(file, 100L * i, 1_000_000L + i);
        }
        Map<Long, Long> all = Map.copyOf(LogTimes.read(file));
        assertThat(all).hasSize(3);
        for (byte[] torn : torn(Files.readAllBytes(file))) {
            Files.write(file, torn);
            assertThat(all.entrySet()).containsAll(LogTimes.read(file).entrySet());
            LogTimes.note(file, 400, 1_000_004);
            assertThat(LogTimes.read(file)).containsEntry(400L, 1_000_004L);
        }
    }

    private static List<byte[]> torn(byte[] whole) {
        List<byte[]> all = new ArrayList<>();
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << (at % 8));
            all.add(flipped);
            all.add(Arrays.copyOf(whole, at));
        }
        return all;
    }
}
