package dev.selvage.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.SliceChange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * design.md "Node": "SQLite (WAL, FULL) for state, with a reserve so that a full disk cannot stop it"; on a file system of 24 MiB that is really full
 * (sqlite.org/rescode.html, SQLITE_FULL). Needs root, as the agent does.
 */
class FullDiskTest {
    private static final int OBJECTS = 40;

    @TempDir
    Path directory;

    private final List<String> faults = new ArrayList<>();
    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(directory.resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=24m", "selvage-test", disk.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", "-l", disk.toString());
    }

    @Test
    void aChangeThatTheFullDiskDoesNotTakeIsStoredOnTheReserve() throws Exception {
        try (SqliteSlice slice = open()) {
            slice.apply(change(1));
            assertThat(disk.resolve("reserve")).hasSize(4 << 20);
            fill();
            slice.apply(change(2));
            assertThat(disk.resolve("reserve")).as("given up").doesNotExist();
            holds(slice, 2);
        }
        try (SqliteSlice slice = open()) {
            holds(slice, 2);
            assertThat(slice.whole()).isTrue();
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void whenTheReserveIsUsedUpTheChangeIsRefusedWholeAndTakenOnceThereIsRoom() throws Exception {
        try (SqliteSlice slice = open()) {
            slice.apply(change(1));
            int taken = fillUntilRefused(slice);
            holds(slice, taken);
            assertThat(slice.incarnation()).isEqualTo("inc");
            empty();
            slice.apply(change(taken + 1));
            holds(slice, taken + 1);
            assertThat(disk.resolve("reserve"))
                    .as("taken again, now that there is room")
                    .hasSize(4 << 20);
        }
        assertThat(faults).isEmpty();
    }

    /** As after a crash: nothing of the log was checkpointed, and there is no reserve any more. */
    @Test
    void theSliceOpensOnADiskWithoutAByteLeft() throws Exception {
        Path copy = Files.createDirectory(disk.resolve("copy"));
        try (SqliteSlice slice = open()) {
            slice.apply(change(1));
            slice.mark();
            for (String name : List.of("slice.db", "slice.db-wal", "slice.mark")) {
                Files.copy(disk.resolve(name), copy.resolve(name));
            }
        }
        fill();
        try (SqliteSlice slice = SqliteSlice.open(copy.resolve("slice.db"), faults::add)) {
            holds(slice, 1);
            assertThat(slice.whole()).isTrue();
            assertThatThrownBy(() -> slice.apply(change(2))).hasMessageContaining("database or disk is full");
            holds(slice, 1);
        }
        assertThat(faults).isEmpty();
    }

    /** Gives the last change that was taken. */
    private int fillUntilRefused(SqliteSlice slice) throws IOException {
        for (int number = 2; number < 100; number++) {
            fill();
            try {
                slice.apply(change(number));
            } catch (IllegalStateException refused) {
                assertThat(refused).hasMessageContaining("database or disk is full");
                return number - 1;
            }
        }
        throw new AssertionError("a full disk takes everything");
    }

    private static void holds(SqliteSlice slice, int number) {
        assertThat(slice.revision()).isEqualTo(number);
        assertThat(slice.objects(Kinds.CONFIG_MAP))
                .hasSize(OBJECTS)
                .allSatisfy(
                        map -> assertThat(Json.textAt(map, "data", "number")).isEqualTo(Integer.toString(number)));
    }

    private SqliteSlice open() throws SQLException {
        return SqliteSlice.open(disk.resolve("slice.db"), faults::add);
    }

    /** Objects of 16 KiB, all of them anew. */
    private static SliceChange change(int number) {
        List<SliceChange.Put> puts = IntStream.range(0, OBJECTS)
                .mapToObj(i -> {
                    var map = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
                    map.putObject("metadata").put("namespace", "default").put("name", "map-" + i);
                    map.putObject("data")
                            .put("number", Integer.toString(number))
                            .put("text", "x".repeat(16 << 10));
                    return new SliceChange.Put(
                            ObjectKey.of(Kinds.CONFIG_MAP, "default", "map-" + i), "uid-" + i, number, Json.bytes(map));
                })
                .toList();
        return new SliceChange("inc", number, puts, List.of());
    }

    private void fill() throws IOException {
        byte[] block = new byte[4096];
        Path filler = Files.createTempFile(disk, "filler-", "");
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left on device");
        }
    }

    private void empty() throws IOException {
        try (var fillers = Files.newDirectoryStream(disk, "filler-*")) {
            for (Path filler : fillers) {
                Files.delete(filler);
            }
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
    }
}
