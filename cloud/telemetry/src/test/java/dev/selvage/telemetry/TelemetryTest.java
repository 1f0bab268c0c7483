package dev.selvage.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Spec: issue 2 "Telemetry"; design "Upload lanes" and "Telemetry". */
class TelemetryTest {
    private static final long BASE = System.currentTimeMillis() / 7_200_000 * 7_200_000 - 7_200_000;
    private static final SeriesFilter ROOM = new SeriesFilter("shop", "stream/avg", "room-1", "temperature", null);

    @SuppressWarnings("NullAway.Init")
    private TelemetryDatabase database;

    @SuppressWarnings("NullAway.Init")
    private Telemetry telemetry;

    @BeforeEach
    void open() {
        database = TelemetryDatabase.create();
        telemetry = database.open();
    }

    @AfterEach
    void close() {
        telemetry.close();
    }

    @Test
    void aBatchSentAgainIsStoredOnce() {
        List<Sample> batch = windows(0, 10);
        Ingested first = telemetry.ingest("edge-1", "live", 1, 0, batch);
        assertThat(first).isEqualTo(new Ingested(new Cursor(1, 10), 10, 0, 0, 0));
        assertThat(telemetry.ingest("edge-1", "live", 1, 0, batch).duplicates()).isEqualTo(10);
        // an overlap, as after a lost acknowledgement
        Ingested overlap = telemetry.ingest("edge-1", "live", 1, 8, windows(8, 12));
        assertThat(overlap).isEqualTo(new Ingested(new Cursor(1, 12), 2, 2, 0, 0));
        assertThat(telemetry.cursor("edge-1", "live")).isEqualTo(new Cursor(1, 12));
        assertThat(range(0, 1000, null, Aggregate.AVG))
                .extracting(Point::value)
                .containsExactlyElementsOf(
                        IntStream.range(0, 12).mapToObj(i -> (double) i).toList());
    }

    @Test
    void theCursorAndThePointsOutliveTheCentre() {
        telemetry.ingest("edge-1", "live", 1, 0, windows(0, 5));
        telemetry.close();
        telemetry = database.open();
        assertThat(telemetry.cursor("edge-1", "live")).isEqualTo(new Cursor(1, 5));
        assertThat(telemetry.ingest("edge-1", "live", 1, 3, windows(3, 6)).duplicates())
                .isEqualTo(2);
        assertThat(range(0, 1000, null, Aggregate.AVG)).hasSize(6);
    }

    @Test
    void aNewEpochBeginsAnewAndAnOldOneIsPowerless() {
        telemetry.ingest("edge-1", "live", 1, 0, windows(0, 5));
        assertThat(telemetry.ingest("edge-1", "live", 2, 3, windows(5, 7)).cursor())
                .isEqualTo(new Cursor(2, 5));
        Ingested stale = telemetry.ingest("edge-1", "live", 1, 5, windows(7, 9));
        assertThat(stale).isEqualTo(new Ingested(new Cursor(2, 5), 0, 2, 0, 0));
        // lanes do not know each other
        assertThat(telemetry.cursor("edge-1", "alarm")).isEqualTo(Cursor.NONE);
    }

    @Test
    void whatTheNodeDroppedIsCountedAsMissing() {
        telemetry.ingest("edge-1", "live", 1, 0, windows(0, 2));
        assertThat(telemetry.ingest("edge-1", "live", 1, 7, windows(7, 8)).missing())
                .isEqualTo(5);
    }

    @Test
    void concurrentSendersOfOneBatchStoreItOnce() {
        List<Sample> batch = windows(0, 50);
        IntStream.range(0, 8).parallel().forEach(_ -> telemetry.ingest("edge-1", "live", 1, 0, batch));
        assertThat(range(0, 1000, null, Aggregate.AVG)).hasSize(50);
        assertThat(database.number("SELECT count(*) FROM telemetry_block")).isEqualTo(1);
    }

    @Test
    void settlingChangesNoAnswerAndMakesFewRows() {
        for (int i = 0; i < 200; i++) {
            telemetry.ingest("edge-1", "live", 1, i, windows(i, i + 1));
        }
        telemetry.ingest("edge-1", "backlog", 1, 0, List.of(window(500, true), window(499, false)));
        List<Point> before = range(0, 100_000, null, Aggregate.AVG);
        assertThat(before).hasSize(202);
        assertThat(telemetry.settle(Duration.ZERO)).isEqualTo(201);
        assertThat(range(0, 100_000, null, Aggregate.AVG)).isEqualTo(before);
        assertThat(database.number("SELECT count(*) FROM telemetry_block")).isZero();
        assertThat(database.number("SELECT count(*) FROM telemetry_chunk")).isEqualTo(1);
        // late points join the chunk that is there
        telemetry.ingest("edge-1", "live", 1, 200, windows(200, 203));
        assertThat(telemetry.settle(Duration.ZERO)).isEqualTo(1);
        assertThat(range(0, 100_000, null, Aggregate.AVG)).hasSize(205);
        assertThat(database.number("SELECT count(*) FROM telemetry_chunk")).isEqualTo(1);
    }

    @Test
    void aChunkOfManyPointsHasPartsOfBoundedSize() {
        List<Sample> fast = LongStream.range(0, 10_000)
                .mapToObj(i -> sample(BASE + i * 200, BASE + i * 200, false, (double) i))
                .toList();
        telemetry.ingest("edge-1", "live", 1, 0, fast);
        telemetry.settle(Duration.ZERO);
        assertThat(database.number("SELECT max(points) FROM telemetry_chunk")).isEqualTo(Compactor.PART_POINTS);
        assertThat(telemetry
                        .range(new RangeQuery(ROOM, BASE, BASE + 2_000_000, null, Aggregate.AVG, 20_000))
                        .points())
                .hasSize(10_000);
    }

    /** Design "Everything is bounded": a question that reads much is answered in pieces, and the same. */
    @Test
    void aRangeIsTheSameInHoweverManyPiecesItIsRead() throws Exception {
        List<Sample> samples = new ArrayList<>();
        for (int room = 1; room <= 3; room++) {
            for (int i = 0; i < 2_000; i++) {
                long end = BASE + i * 3_000L;
                samples.add(new Sample(
                        "shop", "stream/avg", "room-" + room, end - 3_000, end, false, Map.of("temperature", i * 1.5)));
            }
        }
        telemetry.ingest("edge-1", "live", 1, 0, samples);
        telemetry.settle(Duration.ZERO);
        Reader small = new Reader(new SeriesDictionary(TelemetryConfig.DEFAULT), 100);
        for (@Nullable Duration step : new @Nullable Duration[] {null, Duration.ofMinutes(7)}) {
            for (int limit : new int[] {10_000, 2_500, 150}) {
                var query = new RangeQuery(
                        SeriesFilter.in("shop"), BASE - 7_000, BASE + 6_000_000, step, Aggregate.AVG, limit);
                try (var connection = database.connect()) {
                    assertThat(small.range(connection, query)).isEqualTo(telemetry.range(query));
                }
            }
        }
    }

    @Test
    void aPartialWindowSaysSoAndKeepsItsStart() {
        telemetry.ingest(
                "edge-1", "live", 1, 0, List.of(sample(BASE + 4_000, BASE + 10_000, true, 3), window(1, false)));
        for (int settled = 0; settled < 2; settled++) {
            List<Point> points = range(0, 1000, null, Aggregate.AVG);
            assertThat(points).extracting(Point::partial).containsExactly(true, false);
            assertThat(points).extracting(Point::startMillis).containsExactly(BASE + 4_000, BASE + 10_000);
            assertThat(points).extracting(Point::endMillis).containsExactly(BASE + 10_000, BASE + 20_000);
            telemetry.settle(Duration.ZERO);
        }
        assertThat(range(0, 1000, Duration.ofMinutes(1), Aggregate.AVG))
                .singleElement()
                .satisfies(point -> assertThat(point.partial()).isTrue());
    }

    @Test
    void downsamplingMakesOnePointAStep() {
        telemetry.ingest("edge-1", "live", 1, 0, windows(0, 12));
        Duration minute = Duration.ofMinutes(1);
        assertThat(range(0, 120, minute, Aggregate.AVG))
                .extracting(Point::value)
                .containsExactly(2.5, 8.5);
        assertThat(range(0, 120, minute, Aggregate.MIN))
                .extracting(Point::value)
                .containsExactly(0.0, 6.0);
        assertThat(range(0, 120, minute, Aggregate.MAX))
                .extracting(Point::value)
                .containsExactly(5.0, 11.0);
        assertThat(range(0, 120, minute, Aggregate.LAST))
                .extracting(Point::value)
                .containsExactly(5.0, 11.0);
        assertThat(range(0, 120, minute, Aggregate.COUNT))
                .extracting(Point::value)
                .containsExactly(6.0, 6.0);
        Point first = range(0, 120, minute, Aggregate.AVG).getFirst();
        assertThat(first.startMillis()).isEqualTo(BASE);
        assertThat(first.endMillis()).isEqualTo(BASE + 60_000);
        assertThat(first.count()).isEqualTo(6);
    }

    @Test
    void latestIsTheNewestPointOfEachSeriesSettledOrNot() {
        telemetry.ingest("edge-1", "live", 1, 0, windows(0, 3));
        telemetry.settle(Duration.ZERO);
        assertThat(telemetry.latest(ROOM, 10)).extracting(Point::value).containsExactly(2.0);
        telemetry.ingest("edge-1", "live", 1, 3, windows(3, 4));
        telemetry.ingest(
                "edge-1",
                "live",
                1,
                4,
                List.of(new Sample("shop", "node", "edge-1", BASE, BASE, false, Map.of("cpu", 0.5, "memory", 7.0))));
        assertThat(telemetry.latest(SeriesFilter.in("shop"), 10))
                .extracting(point -> point.series().field() + "=" + point.value())
                .containsExactly("cpu=0.5", "memory=7.0", "temperature=3.0");
        assertThat(telemetry.series(SeriesFilter.in("shop"), 10)).hasSize(3);
        assertThat(telemetry.latest(SeriesFilter.in("other"), 10)).isEmpty();
    }

    @Test
    void aRangeStopsAtItsLimitAndSaysSo() {
        telemetry.ingest("edge-1", "live", 1, 0, windows(0, 20));
        RangeResult result = telemetry.range(new RangeQuery(ROOM, BASE, BASE + 1_000_000, null, Aggregate.AVG, 5));
        assertThat(result.points()).hasSize(5);
        assertThat(result.truncated()).isTrue();
        assertThatThrownBy(() -> new RangeQuery(ROOM, 2, 1, null, Aggregate.AVG, 5))
                .hasMessageContaining("from");
        assertThatThrownBy(() -> Aggregate.parse("median")).hasMessageContaining("avg, min, max, last, count");
    }

    @Test
    void aPoisonRecordIsSetAsideAndTheLaneGoesOn() {
        List<LaneRecord> batch = new ArrayList<>(windows(0, 2));
        batch.add(new Unreadable(new byte[] {0, 1, (byte) 0xff}, "no protobuf"));
        batch.add(sample(BASE, BASE + 10_000, false, Double.NaN));
        batch.add(sample(BASE + 10_000, BASE, false, 1));
        batch.add(sample(BASE, System.currentTimeMillis() + Duration.ofDays(30).toMillis(), false, 1));
        batch.add(sample(10, 20, false, 1));
        batch.add(new Sample("shop", "stream/avg", "room\u0000", BASE, BASE, false, Map.of("t", 1.0)));
        batch.add(new Sample("shop", "stream/avg", "room", BASE, BASE, false, Map.of()));
        batch.addAll(windows(2, 3));
        Ingested result = telemetry.ingest("edge-1", "live", 1, 0, batch);
        assertThat(result).isEqualTo(new Ingested(new Cursor(1, 10), 3, 0, 7, 0));
        assertThat(telemetry.refused())
                .containsOnly(
                        Map.entry("unreadable", 1L),
                        Map.entry("not a finite number", 1L),
                        Map.entry("times in the wrong order", 1L),
                        Map.entry("too far in the future", 1L),
                        Map.entry("older than the retention", 1L),
                        Map.entry("bad name", 1L),
                        Map.entry("number of fields", 1L));
        assertThat(database.number("SELECT count(*) FROM telemetry_refused")).isEqualTo(7);
        assertThat(range(0, 1000, null, Aggregate.AVG)).hasSize(3);
    }

    @Test
    void beyondTheCardinalityLimitNewSeriesAreRefusedAndOldOnesGoOn() {
        telemetry.close();
        telemetry = database.open(
                new TelemetryConfig(Duration.ofDays(30), Duration.ofHours(2), 3, 100, 100, Duration.ofDays(2)));
        List<Sample> many = IntStream.range(0, 5)
                .mapToObj(i -> new Sample("shop", "s", "d" + i, BASE, BASE + 1, false, Map.of("t", 1.0)))
                .toList();
        assertThat(telemetry.ingest("edge-1", "live", 1, 0, many).refused()).isEqualTo(2);
        assertThat(telemetry.refused()).containsEntry("too many series", 2L);
        assertThat(telemetry.series(SeriesFilter.EVERYTHING, 100)).hasSize(3);
        assertThat(telemetry.ingest("edge-1", "live", 1, 5, many.subList(0, 1)).stored())
                .isEqualTo(1);
        assertThat(telemetry
                        .ingest(
                                "edge-1",
                                "live",
                                1,
                                6,
                                List.of(new Sample("other", "s", "d", BASE, BASE + 1, false, Map.of("t", 1.0))))
                        .stored())
                .isEqualTo(1);
    }

    @Test
    void aLiveFeedSeesBatchesOfThisAndOfOtherProcessesOnce() throws Exception {
        try (Telemetry other = database.open();
                LiveFeed here = telemetry.subscribe(ROOM);
                LiveFeed there = other.subscribe(ROOM)) {
            // the other's listener may not listen yet: one batch after the other until it does
            long sequence = 0;
            List<Double> seen = new ArrayList<>();
            while (seen.isEmpty() && sequence < 600) {
                telemetry.ingest("edge-1", "live", 1, sequence, windows((int) sequence, (int) sequence + 1));
                sequence++;
                there.next(Duration.ofMillis(100)).points().forEach(point -> seen.add(point.value()));
            }
            // what came twice would come before one more
            telemetry.ingest("edge-1", "live", 1, sequence, windows((int) sequence, (int) sequence + 1));
            double last = sequence++;
            while (!seen.contains(last)) {
                List<Point> more = there.next(Duration.ofSeconds(30)).points();
                assertThat(more).as("what follows on %s, up to %s", seen, last).isNotEmpty();
                more.forEach(point -> seen.add(point.value()));
            }
            assertThat(seen)
                    .containsExactlyElementsOf(
                            DoubleStream.iterate(seen.getFirst(), value -> value <= last, value -> value + 1)
                                    .boxed()
                                    .toList());
            List<Double> own = new ArrayList<>();
            while (own.size() < sequence) {
                here.next(Duration.ofSeconds(10)).points().forEach(point -> own.add(point.value()));
            }
            assertThat(own).doesNotHaveDuplicates().hasSize((int) sequence);
            telemetry.ingest(
                    "edge-1",
                    "live",
                    1,
                    sequence,
                    List.of(new Sample("shop", "other", "x", BASE, BASE, false, Map.of("t", 1.0))));
            assertThat(here.next(Duration.ofMillis(1)).points()).isEmpty();
        }
    }

    @Test
    void aSlowLiveReaderLosesTheOldestAndIsTold() throws Exception {
        telemetry.close();
        telemetry = database.open(
                new TelemetryConfig(Duration.ofDays(30), Duration.ofHours(2), 100, 100, 8, Duration.ofDays(2)));
        try (LiveFeed feed = telemetry.subscribe(ROOM)) {
            telemetry.ingest("edge-1", "live", 1, 0, windows(0, 20));
            LiveFeed.Batch batch = feed.next(Duration.ofSeconds(10));
            assertThat(batch.points()).hasSize(8);
            assertThat(batch.lost()).isEqualTo(12);
            telemetry.close();
            assertThat(feed.next(Duration.ofMinutes(1)).closed()).isTrue();
        }
    }

    @Test
    void whatIsPastTheRetentionIsDroppedByWholeChunks() {
        long old = BASE - Duration.ofDays(2).toMillis();
        telemetry.ingest("edge-1", "live", 1, 0, List.of(sample(old, old + 1, false, 1), window(1, false)));
        telemetry.settle(Duration.ZERO);
        assertThat(telemetry.dropOlderThan(Duration.ofDays(1))).isEqualTo(1);
        assertThat(telemetry
                        .range(new RangeQuery(ROOM, 0, BASE + 1_000_000, null, Aggregate.AVG, 100))
                        .points())
                .hasSize(1);
    }

    @Test
    void badBatchNumbersAreNamed() {
        assertThatThrownBy(() -> telemetry.ingest("", "live", 1, 0, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("node");
        assertThat(Objects.requireNonNull(telemetry.ingest("edge-1", "live", 1, 0, List.of()))
                        .stored())
                .isZero();
    }

    private List<Point> range(
            long fromSeconds, long toSeconds, @org.jspecify.annotations.Nullable Duration step, Aggregate aggregate) {
        return telemetry
                .range(new RangeQuery(
                        ROOM, BASE + fromSeconds * 1000, BASE + toSeconds * 1000, step, aggregate, 10_000))
                .points();
    }

    /** Ten-second windows number {@code from} to {@code to}, whose value is their number. */
    private static List<Sample> windows(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> window(i, false)).toList();
    }

    private static Sample window(int number, boolean partial) {
        return sample(BASE + number * 10_000L, BASE + (number + 1) * 10_000L, partial, number);
    }

    private static Sample sample(long start, long end, boolean partial, double value) {
        return new Sample("shop", "stream/avg", "room-1", start, end, partial, Map.of("temperature", value));
    }
}
