package dev.selvage.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.Held;
import dev.selvage.session.SliceChange;
import dev.selvage.workloads.BoundCronJobs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** design.md "Node": SQLite (WAL, FULL) for state; orchestration facts: "the local database broken by a power cut". */
class SqliteSliceTest {
    @TempDir
    Path dir;

    private final List<String> faults = new ArrayList<>();

    @Test
    void aChangeIsThereAfterAReopenWithRevisionAndIncarnation() throws SQLException {
        try (SqliteSlice slice = open()) {
            assertThat(slice.incarnation()).isEmpty();
            assertThat(slice.revision()).isZero();
            slice.apply(new SliceChange("inc", 42, List.of(put("a", "uid-a", 40), put("b", "uid-b", 42)), List.of()));
        }
        try (SqliteSlice slice = open()) {
            assertThat(slice.incarnation()).isEqualTo("inc");
            assertThat(slice.revision()).isEqualTo(42);
            assertThat(slice.held())
                    .containsExactlyInAnyOrder(new Held(key("a"), "uid-a", 40), new Held(key("b"), "uid-b", 42));
            assertThat(slice.get(key("a")).map(Meta::name)).hasValue("a");
            assertThat(slice.uid(key("b"))).hasValue("uid-b");
            assertThat(slice.objects(Kinds.POD)).hasSize(2);
            assertThat(slice.objects(Kinds.DEVICE)).isEmpty();
        }
    }

    @Test
    void aDeleteRemovesOnlyTheObjectWithThatUid() throws SQLException {
        try (SqliteSlice slice = open()) {
            slice.apply(new SliceChange("inc", 1, List.of(put("a", "new", 1), put("b", "old", 1)), List.of()));
            slice.apply(new SliceChange(
                    "inc",
                    2,
                    List.of(),
                    List.of(new SliceChange.Delete(key("a"), "old"), new SliceChange.Delete(key("b"), "old"))));
            assertThat(slice.held()).containsExactly(new Held(key("a"), "new", 1));
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsSetAsideAndReportedAndTheSliceIsEmpty() throws Exception {
        Files.writeString(file(), "this is no database, and it is long enough to be looked at as one".repeat(40));
        try (SqliteSlice slice = open()) {
            assertThat(slice.incarnation()).isEmpty();
            assertThat(slice.held()).isEmpty();
            slice.apply(new SliceChange("inc", 1, List.of(put("a", "u", 1)), List.of()));
        }
        assertThat(faults).singleElement().asString().contains("set aside as slice.db.damaged-");
        assertThat(setAside()).hasSize(1);
        try (SqliteSlice slice = open()) {
            assertThat(slice.held()).hasSize(1);
        }
        assertThat(faults).hasSize(1);
    }

    @Test
    void damageAnywhereInTheFileNeverKeepsTheSliceFromOpening() throws Exception {
        try (SqliteSlice slice = open()) {
            List<SliceChange.Put> puts = IntStream.range(0, 200)
                    .mapToObj(i -> put("pod-" + i, "uid-" + i, i))
                    .toList();
            slice.apply(new SliceChange("inc", 200, puts, List.of()));
        }
        byte[] whole = Files.readAllBytes(file());
        Random random = new Random(7);
        for (int round = 0; round < 40; round++) {
            byte[] damaged = whole.clone();
            int page = random.nextInt(damaged.length / 4096) * 4096;
            for (int i = 0; i < 1024; i++) {
                damaged[page + random.nextInt(4096)] = (byte) random.nextInt();
            }
            plant(round % 4 == 0 ? java.util.Arrays.copyOf(damaged, page + 100) : damaged);
            try (SqliteSlice slice = open()) {
                readOrFail(slice);
                applyOrFail(slice);
                assertThat(slice.get(key("fresh"))).isPresent();
            }
        }
        assertThat(faults).isNotEmpty();
        assertThat(setAside()).hasSizeLessThanOrEqualTo(3);
    }

    /** Damage that the check at the start did not see may fail one call; the next finds a new database. */
    private static void readOrFail(SqliteSlice slice) {
        try {
            slice.held();
            slice.objects(Kinds.POD);
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageStartingWith("cannot read the slice: ");
        }
    }

    private static void applyOrFail(SqliteSlice slice) {
        SliceChange change = new SliceChange("inc", 201, List.of(put("fresh", "uid", 201)), List.of());
        try {
            slice.apply(change);
        } catch (IllegalStateException e) {
            slice.apply(change);
        }
    }

    /** What the session holds at the centre is more than the new database: its differences alone would have every other pod ended. */
    @Test
    void aDifferenceIsRefusedWhenTheDatabaseWasReplacedSinceTheSessionBegan() throws Exception {
        SliceChange whole = new SliceChange(
                "inc",
                5000,
                IntStream.range(0, 5000)
                        .mapToObj(i -> put("pod-" + i, "uid-" + i, i))
                        .toList(),
                List.of());
        try (SqliteSlice slice = open()) {
            slice.apply(whole);
        }
        try (SqliteSlice slice = open()) {
            NotifyingSlice link =
                    new NotifyingSlice(slice, new Reconciler(slice, new Statuses(), SqliteSliceTest::noCronJobs));
            assertThat(link.incarnation()).isEqualTo("inc");
            assertThat(link.held()).hasSize(5000);
            byte[] noise = new byte[(int) Files.size(file()) - 4096];
            new Random(7).nextBytes(noise);
            try (RandomAccessFile database = new RandomAccessFile(file().toFile(), "rw")) {
                database.seek(4096);
                database.write(noise);
            }
            assertThatThrownBy(() -> slice.objects(Kinds.POD)).hasMessageStartingWith("cannot read the slice: ");
            SliceChange difference = new SliceChange("inc", 5001, List.of(put("one", "u", 5001)), List.of());
            assertThatThrownBy(() -> link.apply(difference)).hasMessageContaining("must come whole");
            assertThat(slice.incarnation()).isEmpty();
            assertThat(link.incarnation()).isEmpty();
            link.apply(whole);
            assertThat(slice.held()).hasSize(5000);
        }
    }

    @Test
    void aDatabaseOfANewerAgentIsRefusedNotSetAside() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("PRAGMA user_version = 99");
        }
        assertThatThrownBy(this::open).hasMessageContaining("schema 99").hasMessageContaining("newer agent");
        assertThat(file()).exists();
    }

    @Test
    void anObjectThatIsNoJsonIsLeftOutAndTold() throws SQLException {
        try (SqliteSlice slice = open()) {
            slice.apply(new SliceChange(
                    "inc", 1, List.of(new SliceChange.Put(key("a"), "u", 1, new byte[] {'{'})), List.of()));
            assertThat(slice.objects(Kinds.POD)).isEmpty();
            assertThat(faults).singleElement().asString().contains("no JSON");
        }
    }

    private void plant(byte[] content) throws IOException {
        for (String suffix : List.of("-wal", "-shm")) {
            Files.deleteIfExists(file().resolveSibling("slice.db" + suffix));
        }
        Files.write(file(), content);
    }

    private List<Path> setAside() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.filter(f -> f.toString().matches(".*damaged-[^-]*")).toList();
        }
    }

    private SqliteSlice open() throws SQLException {
        return SqliteSlice.open(file(), faults::add);
    }

    private Path file() {
        return dir.resolve("slice.db");
    }

    private static ObjectKey key(String name) {
        return ObjectKey.of(Kinds.POD, "default", name);
    }

    static SliceChange.Put put(String name, String uid, long revision) {
        var object = Json.object().put("apiVersion", "v1").put("kind", "Pod");
        object.putObject("metadata")
                .put("namespace", "default")
                .put("name", name)
                .put("uid", uid);
        return new SliceChange.Put(key(name), uid, revision, Json.bytes(object));
    }

    private static BoundCronJobs noCronJobs(Runnable changed) {
        return new BoundCronJobs(
                Path.of("unused"),
                "edge-1",
                Instant::now,
                () -> false,
                new CronReports(new Statuses(), changed),
                fault -> {});
    }
}
