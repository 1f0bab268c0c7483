package dev.selvage.lanes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** design.md "Link": upload lanes; identity (lane, epoch, sequence), only synced records are sent, order per lane, no alarm dropped while telemetry remains. */
class LanesTest {
    private static final LanesConfig SMALL = new LanesConfig(16384, 16384, 32768, 4096, 8192, 2048);

    @TempDir
    Path dir;

    @Test
    void aRecordIsHandedOutOnlyAfterItWasSynced() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            lanes.append(Lane.LIVE, bytes("a"));
            assertThat(lanes.peek(Lane.LIVE, 1000).isEmpty()).isTrue();
            lanes.sync();
            lanes.append(Lane.LIVE, bytes("b"));
            assertThat(texts(lanes.peek(Lane.LIVE, 1000))).containsExactly("a");
        }
    }

    @Test
    void recordsKeepTheirOrderAndConsecutiveSequencesWithinALane() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            IntStream.range(0, 500).forEach(i -> lanes.append(Lane.LIVE, bytes("live-" + i)));
            lanes.append(Lane.ALARM, bytes("alarm"));
            lanes.sync();
            List<String> seen = drain(lanes, Lane.LIVE, 300);
            assertThat(seen)
                    .isEqualTo(
                            IntStream.range(0, 500).mapToObj(i -> "live-" + i).toList());
            assertThat(texts(lanes.peek(Lane.ALARM, 10))).containsExactly("alarm");
        }
    }

    @Test
    void peekingAfterAPositionLetsSeveralBatchesBeInFlight() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            IntStream.range(0, 10).forEach(i -> lanes.append(Lane.LIVE, bytes("r" + i)));
            lanes.sync();
            Batch first = lanes.peek(Lane.LIVE, 30);
            Batch second = lanes.peekAfter(Lane.LIVE, first.epoch(), first.lastSequence(), 30);
            assertThat(texts(first)).containsExactly("r0", "r1", "r2");
            assertThat(texts(second)).containsExactly("r3", "r4", "r5");
            assertThat(lanes.peek(Lane.LIVE, 30).records()).hasSize(3);
        }
    }

    @Test
    void aRecordLargerThanTheBatchIsHandedOutAlone() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            lanes.append(Lane.LIVE, new byte[1500]);
            lanes.append(Lane.LIVE, bytes("small"));
            lanes.sync();
            assertThat(lanes.peek(Lane.LIVE, 100).records()).hasSize(1);
        }
    }

    @Test
    void theAcknowledgedPositionSurvivesAReopen() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            Stream.of("a", "b", "c").forEach(t -> lanes.append(Lane.LIVE, bytes(t)));
            lanes.sync();
            Batch batch = lanes.peek(Lane.LIVE, 1000);
            lanes.acknowledge(Lane.LIVE, batch.epoch(), batch.firstSequence() + 1);
        }
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            assertThat(texts(lanes.peek(Lane.LIVE, 1000))).containsExactly("c");
            assertThat(lanes.stats().of(Lane.LIVE).waiting()).isEqualTo(1);
        }
    }

    @Test
    void everyOpenStartsAHigherEpochAndOldRecordsKeepTheirs() throws IOException {
        long before;
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            lanes.appendDurable(Lane.LIVE, bytes("old"));
            before = lanes.peek(Lane.LIVE, 1000).epoch();
        }
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            lanes.appendDurable(Lane.LIVE, bytes("new"));
            Batch old = lanes.peek(Lane.LIVE, 1000);
            Batch recent = lanes.peekAfter(Lane.LIVE, old.epoch(), old.lastSequence(), 1000);
            assertThat(old.epoch()).isEqualTo(before);
            assertThat(texts(old)).containsExactly("old");
            assertThat(recent.epoch()).isGreaterThan(before);
            assertThat(texts(recent)).containsExactly("new");
        }
    }

    @Test
    void anAcknowledgementOfAnOlderEpochLeavesTheNewOneAlone() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            lanes.appendDurable(Lane.LIVE, bytes("old"));
        }
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            lanes.appendDurable(Lane.LIVE, bytes("new"));
            lanes.acknowledge(Lane.LIVE, lanes.peek(Lane.LIVE, 1000).epoch(), 900);
            assertThat(texts(lanes.peek(Lane.LIVE, 1000))).containsExactly("new");
        }
    }

    @Test
    void acknowledgedSegmentsGoButTheTailStaysForDeduplication() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            IntStream.range(0, 140).forEach(i -> lanes.append(Lane.LIVE, padded("r" + i)));
            lanes.sync();
            drain(lanes, Lane.LIVE, 4000);
            assertThat(lanes.stats().bytes()).isBetween(8192L, 8192L + 3 * 4096);
            List<String> recent = new ArrayList<>();
            lanes.recent(Lane.LIVE, record -> recent.add(text(record)));
            assertThat(recent).hasSizeGreaterThan(75).endsWith("r138", "r139");
        }
    }

    @Test
    void aFullLaneDropsItsOldestSegmentsAndCountsTheRecords() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            IntStream.range(0, 300).forEach(i -> lanes.append(Lane.LIVE, padded("r" + i)));
            lanes.sync();
            Stats.LaneStats stats = lanes.stats().of(Lane.LIVE);
            List<String> left = drain(lanes, Lane.LIVE, 4000);
            assertThat(stats.bytes()).isLessThanOrEqualTo(SMALL.liveBytes());
            assertThat(stats.dropped()).containsEntry(DropReason.LANE_FULL, 300L - left.size());
            assertThat(left).endsWith("r299").doesNotContain("r0");
        }
    }

    @Test
    void noAlarmIsDroppedWhileAnyTelemetryRemains() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            IntStream.range(0, 150).forEach(i -> lanes.append(Lane.LIVE, padded("live" + i)));
            IntStream.range(0, 150).forEach(i -> lanes.append(Lane.BACKLOG, padded("backlog" + i)));
            int alarms = 0;
            while (lanes.stats().of(Lane.ALARM).droppedTotal() == 0) {
                lanes.append(Lane.ALARM, padded("alarm" + alarms++));
                Stats stats = lanes.stats();
                assertThat(stats.bytes()).isLessThanOrEqualTo(SMALL.totalBytes());
                if (stats.of(Lane.ALARM).droppedTotal() > 0) {
                    assertThat(stats.of(Lane.LIVE).waiting()).isZero();
                    assertThat(stats.of(Lane.BACKLOG).waiting()).isZero();
                } else if (stats.of(Lane.LIVE).dropped().containsKey(DropReason.TOTAL_FULL)) {
                    assertThat(stats.of(Lane.BACKLOG).waiting()).isZero();
                }
            }
            assertThat(alarms).isGreaterThan(200);
        }
    }

    @Test
    void telemetryIsDroppedRatherThanAnAlarm() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            int alarms = 0;
            while (lanes.stats().bytes() <= SMALL.totalBytes() - 4096) {
                lanes.append(Lane.ALARM, padded("alarm" + alarms++));
            }
            IntStream.range(0, 100).forEach(i -> lanes.append(Lane.LIVE, padded("live" + i)));
            IntStream.range(0, 100).forEach(i -> lanes.append(Lane.BACKLOG, padded("backlog" + i)));
            Stats stats = lanes.stats();
            assertThat(stats.of(Lane.ALARM).droppedTotal()).isZero();
            assertThat(stats.of(Lane.ALARM).waiting()).isEqualTo(alarms);
            assertThat(stats.bytes()).isLessThanOrEqualTo(SMALL.totalBytes());
            assertThat(stats.of(Lane.LIVE).waiting() + stats.of(Lane.LIVE).droppedTotal())
                    .isEqualTo(100);
            assertThat(stats.of(Lane.BACKLOG).waiting() + stats.of(Lane.BACKLOG).droppedTotal())
                    .isEqualTo(100);
        }
    }

    @Test
    void aRecordThatIsTooLargeIsRefusedAndCounted() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            assertThat(lanes.append(Lane.LIVE, new byte[2049])).isFalse();
            assertThat(lanes.stats().of(Lane.LIVE).dropped()).containsEntry(DropReason.TOO_LARGE, 1L);
        }
    }

    @Test
    void countsOfDroppedRecordsSurviveAReopen() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            lanes.append(Lane.ALARM, new byte[2049]);
        }
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            assertThat(lanes.stats().of(Lane.ALARM).dropped()).containsEntry(DropReason.TOO_LARGE, 1L);
        }
    }

    @Test
    void aCentreThatIsAheadMakesTheNodeRenameWhatWaits() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            IntStream.range(0, 100).forEach(i -> lanes.append(Lane.LIVE, padded("r" + i)));
            lanes.sync();
            long ahead = lanes.peek(Lane.LIVE, 1).epoch() + 7;
            lanes.acknowledge(Lane.LIVE, ahead, 12345);
            assertThat(lanes.peek(Lane.LIVE, 1).epoch()).isEqualTo(ahead + 1);
            lanes.appendDurable(Lane.LIVE, bytes("after"));
            assertThat(drain(lanes, Lane.LIVE, 4000))
                    .hasSize(101)
                    .startsWith("r0", "r1")
                    .endsWith("r99", "after");
        }
    }

    @Test
    void aWaiterWakesWhenRecordsAreSynced() throws Exception {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            Thread writer = Thread.startVirtualThread(() -> lanes.appendDurable(Lane.LIVE, bytes("a")));
            assertThat(lanes.awaitSynced(0, Duration.ofSeconds(30))).isEqualTo(1);
            assertThat(lanes.awaitSynced(1, Duration.ofMillis(1))).isEqualTo(1);
            writer.join();
        }
    }

    @Test
    void writersThatSyncTogetherLoseNothing() throws Exception {
        try (Lanes lanes = Lanes.open(dir, LanesConfig.standard())) {
            List<Thread> writers = IntStream.range(0, 8)
                    .mapToObj(w -> Thread.startVirtualThread(() ->
                            IntStream.range(0, 50).forEach(i -> lanes.appendDurable(Lane.LIVE, bytes(w + ":" + i)))))
                    .toList();
            for (Thread writer : writers) {
                writer.join();
            }
            List<String> seen = drain(lanes, Lane.LIVE, 1000);
            assertThat(seen).hasSize(400).doesNotHaveDuplicates();
            assertThat(seen.stream().filter(t -> t.startsWith("3:")))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 50).mapToObj(i -> "3:" + i).toList());
        }
    }

    @Test
    void anInterruptedWriterDoesNotCloseTheLog() throws IOException {
        try (Lanes lanes = Lanes.open(dir, SMALL)) {
            Thread.currentThread().interrupt();
            assertThat(lanes.appendDurable(Lane.LIVE, bytes("a"))).isTrue();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(lanes.appendDurable(Lane.LIVE, bytes("b"))).isTrue();
            assertThat(texts(lanes.peek(Lane.LIVE, 1000))).containsExactly("a", "b");
        }
    }

    @Test
    void aConfigurationWithoutRoomNamesTheFieldAndWhatItAccepts() {
        assertThatThrownBy(() -> new LanesConfig(4096, 16384, 32768, 4096, 8192, 2048))
                .hasMessage("liveBytes: found 4096, accepted at least two segments: 8192");
    }

    @Test
    void theDirectoryHoldsNothingButLanes() throws IOException {
        Lanes.open(dir, SMALL).close();
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder("alarm", "live", "backlog");
        }
    }

    static List<String> drain(Lanes lanes, Lane lane, int maxBytes) {
        List<String> all = new ArrayList<>();
        for (Batch b = lanes.peek(lane, maxBytes); !b.isEmpty(); b = lanes.peek(lane, maxBytes)) {
            all.addAll(texts(b));
            lanes.acknowledge(lane, b.epoch(), b.lastSequence());
        }
        return all;
    }

    static List<String> texts(Batch batch) {
        return batch.records().stream().map(LanesTest::text).toList();
    }

    static String text(byte[] record) {
        return new String(record, UTF_8).strip();
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** A hundred bytes: about forty of them fill a segment of 4 KiB. */
    static byte[] padded(String text) {
        return bytes("%-100s".formatted(text));
    }
}
