package dev.selvage.lanes;

import static dev.selvage.lanes.LanesTest.bytes;
import static dev.selvage.lanes.LanesTest.drain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** design.md "Link": a truncated tail starts a new epoch; what is lost is counted. */
class DamageTest {
    private static final LanesConfig CONFIG = new LanesConfig(1 << 20, 1 << 20, 1 << 22, 4096, 8192, 2048);
    private static final int RECORDS = 6;
    /** Of a slot of the state file, and what of it is written. */
    private static final int SLOT = 512;

    private static final int USED = 184;
    private static final int FRAME = 8 + "record-00".length();

    @TempDir
    Path temp;

    private byte[] segment = {};
    private String name = "";
    private byte[] state = {};

    @BeforeEach
    void writeASegment() throws IOException {
        Path dir = temp.resolve("original");
        try (Lanes lanes = Lanes.open(dir, CONFIG)) {
            IntStream.range(0, RECORDS).forEach(i -> lanes.append(Lane.LIVE, bytes("record-%02d".formatted(i))));
        }
        Path file = segments(dir).getFirst();
        segment = Files.readAllBytes(file);
        name = file.getFileName().toString();
        state = Files.readAllBytes(dir.resolve("live/state"));
    }

    @Test
    void aSegmentTruncatedAtAnyByteKeepsTheRecordsBeforeAndCountsTheLost() throws IOException {
        for (int length = 0; length < segment.length; length++) {
            Path dir = plant("cut-" + length, Arrays.copyOf(segment, length));
            int whole = Math.max(0, (length - 8) / FRAME);
            expect(
                    dir,
                    IntStream.range(0, whole).mapToObj("record-%02d"::formatted).toList(),
                    RECORDS - whole);
        }
    }

    @Test
    void aFlippedBitAnywhereNeverYieldsAWrongRecordAndIsCounted() throws IOException {
        for (int at = 0; at < segment.length; at++) {
            byte[] damaged = segment.clone();
            damaged[at] ^= (byte) (1 << (at % 8));
            int whole = at < 8 ? 0 : (at - 8) / FRAME;
            boolean lengthBroken = at >= 8 && (at - 8) % FRAME < 4;
            expect(
                    plant("flip-" + at, damaged),
                    IntStream.range(0, whole).mapToObj("record-%02d"::formatted).toList(),
                    RECORDS - whole,
                    lengthBroken ? RECORDS : RECORDS - whole);
        }
    }

    @Test
    void garbageAfterTheLastRecordIsCutWithoutLosingOne() throws IOException {
        byte[] longer = Arrays.copyOf(segment, segment.length + 5);
        Path dir = plant("garbage", longer);
        try (Lanes lanes = Lanes.open(dir, CONFIG)) {
            assertThat(drain(lanes, Lane.LIVE, 4000)).hasSize(RECORDS);
        }
        assertThat(Files.size(dir.resolve("live").resolve(name))).isEqualTo(segment.length);
    }

    @Test
    void damageInAnOlderSegmentCostsOnlyTheRestOfThatSegment() throws IOException {
        Path dir = temp.resolve("older");
        try (Lanes lanes = Lanes.open(dir, CONFIG)) {
            IntStream.range(0, 100).forEach(i -> lanes.append(Lane.LIVE, LanesTest.padded("r" + i)));
        }
        Path first = segments(dir).getFirst();
        byte[] content = Files.readAllBytes(first);
        content[8 + 10 * 108 + 50] ^= 1;
        Files.write(first, content);
        try (Lanes lanes = Lanes.open(dir, CONFIG)) {
            lanes.appendDurable(Lane.LIVE, bytes("new"));
            List<String> seen = drain(lanes, Lane.LIVE, 700);
            long lost = lanes.stats().of(Lane.LIVE).dropped(DropReason.CORRUPT);
            assertThat(seen).contains("r0", "r9").endsWith("r99", "new").doesNotContain("r10");
            assertThat(seen.size() + lost).isEqualTo(101);
        }
    }

    @Test
    void aLostStateFileCostsNoRecord() throws IOException {
        Path dir = plant("stateless", segment);
        Files.delete(dir.resolve("live/state"));
        try (Lanes lanes = Lanes.open(dir, CONFIG)) {
            assertThat(drain(lanes, Lane.LIVE, 4000)).hasSize(RECORDS);
        }
    }

    /** Issue 3, "Torn files". */
    @Test
    void aStateFileWithAnyWrongByteOrLengthCostsNoRecordAndTellsNoWrongCount() throws IOException {
        for (int at = 0; at < state.length; at++) {
            if (at % SLOT > USED) {
                continue;
            }
            byte[] flipped = state.clone();
            flipped[at] ^= (byte) (1 << (at % 8));
            for (byte[] torn : List.of(flipped, Arrays.copyOf(state, at))) {
                Path dir = plant("state", segment);
                Files.write(dir.resolve("live/state"), torn);
                try (Lanes lanes = Lanes.open(dir, CONFIG)) {
                    assertThat(drain(lanes, Lane.LIVE, 4000)).hasSize(RECORDS);
                    assertThat(lanes.stats().of(Lane.LIVE).droppedTotal()).isZero();
                }
                try (Stream<Path> files = Files.list(dir.resolve("live"))) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
            }
        }
    }

    @Test
    void aTornStateFallsBackToTheOneBefore() throws IOException {
        Path dir = plant("torn-state", segment);
        for (int slot = 0; slot < 2; slot++) {
            byte[] torn = state.clone();
            torn[slot * 512 + 20] ^= 1;
            Files.write(dir.resolve("live/state"), torn);
            try (LaneState.File file = new LaneState.File(dir.resolve("live/state"))) {
                assertThat(file.read()).isPresent();
            }
        }
    }

    /** Found by fuzzing (issue 3, 8): the agent did not start. */
    @Test
    void aFileNamedLikeASegmentThatNoLaneCanHaveIsLeftAloneAndTheLaneOpens() throws IOException {
        Path dir = plant("names", segment);
        for (String other : List.of(
                "f".repeat(16) + "-" + "f".repeat(16),
                "8000000000000000-0000000000000001",
                "7fffffffffffffff-7fffffffffffffff")) {
            Files.write(dir.resolve("live").resolve(other + ".log"), segment);
        }
        expect(
                dir,
                IntStream.range(0, RECORDS).mapToObj("record-%02d"::formatted).toList(),
                0);
    }

    /** Found by fuzzing (issue 3, 8): the next epoch overflowed, its segments had names that no later start could read. */
    @Test
    void aPositionThatNoNodeCanReachIsNotAcknowledged() throws IOException {
        Path dir = plant("positions", segment);
        try (Lanes lanes = Lanes.open(dir, CONFIG)) {
            assertThatThrownBy(() -> lanes.acknowledge(Lane.LIVE, Long.MAX_VALUE, 1))
                    .hasMessageContaining("epoch");
            assertThatThrownBy(() -> lanes.acknowledge(Lane.LIVE, 1, -1)).hasMessageContaining("sequence -1");
            lanes.acknowledge(Lane.LIVE, Position.MOST, Position.MOST);
            assertThat(lanes.appendDurable(Lane.LIVE, bytes("more"))).isTrue();
            assertThat(lanes.peek(Lane.LIVE, 10_000).epoch()).isEqualTo(Position.MOST + 1);
        }
        try (Lanes again = Lanes.open(dir, CONFIG)) {
            List<String> left = drain(again, Lane.LIVE, 10_000);
            assertThat(left)
                    .as("what waited, above what the centre claims to have")
                    .hasSize(7)
                    .endsWith("more");
        }
    }

    private void expect(Path dir, List<String> left, long lost) throws IOException {
        expect(dir, left, lost, lost);
    }

    /** @param mostLost more than {@code lost} where a broken length lets the rest only be estimated */
    private void expect(Path dir, List<String> left, long lost, long mostLost) throws IOException {
        long counted;
        long epoch = Long.parseLong(name.substring(0, 16), 16);
        try (Lanes lanes = Lanes.open(dir, CONFIG)) {
            Stats.LaneStats stats = lanes.stats().of(Lane.LIVE);
            counted = stats.dropped(DropReason.CORRUPT);
            assertThat(counted).isBetween(lost, mostLost);
            assertThat(stats.epoch()).isGreaterThan(epoch);
            lanes.appendDurable(Lane.LIVE, bytes("new"));
            assertThat(drain(lanes, Lane.LIVE, 4000))
                    .isEqualTo(Stream.concat(left.stream(), Stream.of("new")).toList());
        }
        try (Lanes again = Lanes.open(dir, CONFIG)) {
            assertThat(again.stats().of(Lane.LIVE).dropped(DropReason.CORRUPT)).isEqualTo(counted);
        }
    }

    private Path plant(String as, byte[] content) throws IOException {
        Path dir = temp.resolve(as);
        Files.createDirectories(dir.resolve("live"));
        Files.write(dir.resolve("live").resolve(name), content);
        Files.write(dir.resolve("live/state"), state);
        return dir;
    }

    private static List<Path> segments(Path dir) throws IOException {
        try (Stream<Path> files = Files.list(dir.resolve("live"))) {
            return files.filter(f -> f.toString().endsWith(".log")).sorted().toList();
        }
    }
}
