package dev.selvage.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.SliceChange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Issue 3, "Torn files": the slice's database and its log, cut off and with a flipped bit at every byte of what was written last. Whatever the slice then serves was
 * committed once; where it is not all of what was committed at one time it says so, and so does the node.
 */
class TornSliceTest {
    private final List<String> faults = new ArrayList<>();
    private final Map<String, String> first = new TreeMap<>();
    private final Map<String, String> second = new TreeMap<>();
    private Path dir = Path.of("");
    private byte[] database = {};
    private byte[] log = {};

    /** In memory: thousands of databases are made, and no disk is asked to be durable. */
    @BeforeEach
    void commitTwice() throws IOException, SQLException {
        Path memory = Path.of("/dev/shm");
        dir = Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "selvage-torn")
                : Files.createTempDirectory("selvage-torn");
        try (SqliteSlice slice = open()) {
            slice.apply(
                    new SliceChange("inc", 40, List.of(put("a", 40, 1), put("b", 40, 1), put("c", 40, 1)), List.of()));
            first.putAll(served(slice));
            slice.apply(new SliceChange(
                    "inc",
                    42,
                    List.of(put("b", 42, 2), put("d", 42, 2)),
                    List.of(new SliceChange.Delete(key("c"), "uid-c"))));
            second.putAll(served(slice));
            slice.mark();
            database = Files.readAllBytes(file(""));
            log = Files.readAllBytes(file("-wal"));
        }
    }

    @AfterEach
    void delete() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(dir);
    }

    @Test
    void aLogThatIsDamagedAtAnyByteOfItsLastRecordsGivesWhatWasCommittedBeforeAndIsNotWhole() throws Exception {
        int last = lastCommit();
        assertThat(last).isBetween(32, log.length - 4096);
        for (int at = last; at < log.length; at++) {
            plant(database, flipped(log, at));
            assertServesOneTime(open(), "bit of byte " + at);
        }
        for (int length = last; length <= log.length; length += 64) {
            plant(database, Arrays.copyOf(log, length));
            assertServesOneTime(open(), "cut to " + length);
        }
    }

    @Test
    void aDatabaseThatIsDamagedAtAnyByteServesWhatIsRightAndSaysWhatIsNotWhole() throws Exception {
        plant(database, log);
        open().close(); // takes the log into the database
        byte[] whole = Files.readAllBytes(file(""));
        int damaged = 0;
        for (int at = 0; at < whole.length; at++) {
            if (whole[at] != 0 || at % 64 == 0) {
                plant(flipped(whole, at), new byte[0]);
                damaged += assertRight(open(), "bit of byte " + at) ? 0 : 1;
            }
        }
        for (int length = 0; length < whole.length; length += 512) {
            plant(Arrays.copyOf(whole, length), new byte[0]);
            assertThat(assertRight(open(), "cut to " + length))
                    .as("cut to " + length)
                    .isFalse();
        }
        assertThat(damaged).isGreaterThan(100);
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files.filter(f -> f.toString().matches(".*damaged-[0-9T.]*")))
                    .hasSizeLessThanOrEqualTo(3);
        }
    }

    @Test
    void whatACutLogLostComesAgainFromTheCentre() throws Exception {
        plant(database, Arrays.copyOf(log, lastCommit()));
        try (SqliteSlice slice = open()) {
            assertThat(slice.whole()).isFalse();
            assertThat(slice.revision()).isEqualTo(40);
            slice.apply(new SliceChange("inc", 42, List.of(put("b", 42, 2)), List.of(), false));
            slice.mark();
        }
        try (SqliteSlice slice = open()) {
            assertThat(slice.whole()).isFalse();
            slice.apply(new SliceChange(
                    "inc", 42, List.of(put("d", 42, 2)), List.of(new SliceChange.Delete(key("c"), "uid-c"))));
        }
        try (SqliteSlice slice = open()) {
            assertThat(slice.whole()).isTrue();
            assertThat(served(slice)).isEqualTo(second);
        }
        assertThat(faults).singleElement().asString().contains("it has 1 of the 2 changes");
    }

    @Test
    void aDatabaseThatIsGoneIsNotTakenForAnEmptySlice() throws Exception {
        Files.delete(file(""));
        Files.deleteIfExists(file("-wal"));
        try (SqliteSlice slice = open()) {
            assertThat(slice.whole()).isFalse();
            assertThat(served(slice)).isEmpty();
        }
        assertThat(faults).singleElement().asString().contains("it has 0 of the 2 changes");
    }

    /** A crash between the two leaves it behind; what is damaged of it says nothing against a database that is right. */
    @Test
    void aMarkThatIsBehindOrDamagedIsMadeAnewFromTheDatabase() throws Exception {
        Path mark = dir.resolve("slice.mark");
        byte[] whole = Files.readAllBytes(mark);
        for (int at = 0; at < whole.length; at++) {
            for (byte[] torn : List.of(flipped(whole, at), Arrays.copyOf(whole, at))) {
                Files.write(mark, torn);
                plant(database, log);
                assertThat(assertRight(open(), "byte " + at)).isTrue();
                assertThat(faults).singleElement().asString().contains("set aside as slice.mark.damaged-");
                assertThat(mark).hasBinaryContent(whole);
            }
        }
        plant(database, log);
        Files.delete(mark);
        assertThat(assertRight(open(), "no mark")).isTrue();
        assertThat(faults).isEmpty();
        assertThat(mark).hasBinaryContent(whole);
    }

    /** The disk hands out an older page that is right in itself: SQLite cannot know. */
    @Test
    void aPageOfAnEarlierTimeIsNoticed() throws Exception {
        byte[] earlier = database.clone();
        plant(database, log);
        open().close();
        byte[] now = Files.readAllBytes(file(""));
        plant(earlier, log);
        int pages = 0;
        for (int page = 4096; page < Math.min(now.length, earlier.length); page += 4096) {
            byte[] mixed = now.clone();
            System.arraycopy(earlier, page, mixed, page, 4096);
            if (!Arrays.equals(mixed, now)) {
                pages++;
                plant(mixed, new byte[0]);
                assertThat(assertRight(open(), "page " + page)).isFalse();
            }
        }
        assertThat(pages).isPositive();
    }

    @Test
    void theCentreMakesADamagedSliceWholeAgain() throws Exception {
        plant(database, log);
        open().close();
        byte[] whole = Files.readAllBytes(file(""));
        plant(flipped(whole, indexOf(whole, "version-2-of-d")), new byte[0]);
        try (SqliteSlice slice = open()) {
            assertThat(slice.whole()).isFalse();
            assertThat(slice.incarnation()).isEqualTo("inc");
            assertThat(slice.held()).hasSize(2);
            slice.apply(new SliceChange("inc", 42, List.of(put("d", 42, 2)), List.of(), false));
            assertThat(slice.whole()).isFalse();
            slice.apply(new SliceChange("inc", 42, List.of(), List.of()));
            assertThat(slice.whole()).isTrue();
            assertThat(served(slice)).isEqualTo(second);
        }
        faults.clear();
        try (SqliteSlice slice = open()) {
            assertThat(slice.whole()).isTrue();
            assertThat(faults).isEmpty();
        }
    }

    /** All of it as it was at one time, and marked as not whole when that is not the last. */
    private void assertServesOneTime(SqliteSlice slice, String where) {
        if (!assertRight(slice, where)) {
            assertThat(faults).as(where).isNotEmpty();
        }
    }

    /** True when nothing was lost. */
    private boolean assertRight(SqliteSlice opened, String where) {
        try (SqliteSlice slice = opened) {
            Map<String, String> served = served(slice);
            served.forEach((name, content) -> assertThat(content).as(where).isIn(first.get(name), second.get(name)));
            if (slice.whole()) {
                assertThat(served).as(where).isEqualTo(second);
                assertThat(slice.revision()).as(where).isEqualTo(42);
                assertThat(slice.incarnation()).as(where).isEqualTo("inc");
                return true;
            }
            assertThat(slice.revision()).as(where).isIn(0L, 40L, 42L);
            assertThat(slice.incarnation()).as(where).isIn("", "inc");
            assertThat(faults)
                    .as(where)
                    .last()
                    .asString()
                    .containsAnyOf("set aside as slice.db.damaged-", "is of an earlier time");
            return false;
        }
    }

    private static Map<String, String> served(SqliteSlice slice) {
        Map<String, String> served = new TreeMap<>();
        slice.objects(Kinds.POD).forEach(pod -> served.put(Json.textAt(pod, "metadata", "name"), Json.text(pod)));
        assertThat(slice.held()).hasSize(served.size());
        return served;
    }

    /** Where the frames of the last commit begin: after the last frame but one that ends a commit (sqlite.org/fileformat2.html, 4.1). */
    private int lastCommit() {
        int frame = 24 + 4096;
        int last = 32;
        for (int at = 32; at + frame < log.length; at += frame) {
            if (ByteBuffer.wrap(log).getInt(at + 4) != 0) {
                last = at + frame;
            }
        }
        return last;
    }

    private static byte[] flipped(byte[] whole, int at) {
        byte[] flipped = whole.clone();
        flipped[at] ^= (byte) (1 << (at % 8));
        return flipped;
    }

    private static int indexOf(byte[] bytes, String text) {
        int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
        assertThat(at).as(text).isPositive();
        return at;
    }

    private void plant(byte[] database, byte[] log) throws IOException {
        faults.clear();
        Files.write(file(""), database);
        if (log.length > 0) {
            Files.write(file("-wal"), log);
        } else {
            Files.deleteIfExists(file("-wal"));
        }
    }

    private SqliteSlice open() throws SQLException {
        return SqliteSlice.open(file(""), faults::add);
    }

    private Path file(String suffix) {
        return dir.resolve("slice.db" + suffix);
    }

    private static ObjectKey key(String name) {
        return ObjectKey.of(Kinds.POD, "default", name);
    }

    private static SliceChange.Put put(String name, long revision, int version) {
        var object = Json.object().put("apiVersion", "v1").put("kind", "Pod");
        object.putObject("metadata")
                .put("namespace", "default")
                .put("name", name)
                .put("uid", "uid-" + name);
        object.putObject("spec").put("nodeName", "version-" + version + "-of-" + name);
        return new SliceChange.Put(key(name), "uid-" + name, revision, Json.bytes(object));
    }
}
