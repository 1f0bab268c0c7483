package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.lanes.Lane;
import dev.selvage.link.Sample;
import dev.selvage.model.Kinds;
import dev.selvage.store.StoreConfig;
import dev.selvage.telemetry.Aggregate;
import dev.selvage.telemetry.Cursor;
import dev.selvage.telemetry.Ingested;
import dev.selvage.telemetry.LaneRecord;
import dev.selvage.telemetry.Point;
import dev.selvage.telemetry.RangeQuery;
import dev.selvage.telemetry.SeriesFilter;
import dev.selvage.telemetry.Telemetry;
import dev.selvage.telemetry.TelemetryConfig;
import dev.selvage.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Design "Link", Upload lanes: "the centre moves the lane's cursor in the same transaction as the points, which makes it exactly once". */
class TelemetryOverTheLinkTest {
    private static final int RECORDS = 2_000;

    @Test
    void eachWindowIsInTelemetryOnceThoughTheConnectionIsCutBeforeAcknowledgements() throws Exception {
        StoreConfig database = TestDatabase.create();
        long base = Instant.now().minusSeconds(RECORDS).toEpochMilli() / 1000 * 1000;
        var centre = new AtomicReference<TestCentre>();
        try (var telemetry = Telemetry.open(
                        database.jdbcUrl(), database.user(), database.password(), TelemetryConfig.DEFAULT);
                var present = new TestCentre(database, Duration.ofHours(1), _ -> cutting(telemetry, centre));
                var node = TestNode.linked(present, "edge-1")) {
            centre.set(present);
            present.create(
                    Kinds.DEVICE, "cold", "room", "{\"spec\":{\"model\":\"cold-room\",\"nodeName\":\"edge-1\"}}");
            eventually(() -> assertThat(node.keys()).hasSize(1));
            for (int i = 0; i < RECORDS; i++) {
                node.lanes.append(Lane.LIVE, sample(base + i * 1000L, i));
                if (i % 200 == 0) {
                    node.lanes.sync();
                }
            }
            node.lanes.sync();
            eventually(
                    () -> assertThat(node.lanes.peek(Lane.LIVE, 1024).isEmpty()).isTrue());
            List<Point> points = telemetry
                    .range(new RangeQuery(
                            SeriesFilter.in("cold"),
                            base - 1000L,
                            base + RECORDS * 1000L + 1,
                            null,
                            Aggregate.AVG,
                            10_000))
                    .points();
            assertThat(points)
                    .hasSize(RECORDS)
                    .allMatch(p -> p.count() == 1 && p.series().node().equals("edge-1"));
            assertThat(node.heard()).filteredOn(h -> h.startsWith("linked")).hasSizeGreaterThan(1);
        }
    }

    private static LaneSink cutting(Telemetry telemetry, AtomicReference<TestCentre> centre) {
        var batches = new AtomicInteger();
        LaneSink real = LaneSink.of(telemetry);
        return new LaneSink() {
            @Override
            public Ingested ingest(String node, String lane, long epoch, long first, List<LaneRecord> records) {
                Ingested ingested = real.ingest(node, lane, epoch, first, records);
                if (batches.incrementAndGet() % 2 == 0 && batches.get() < 10) {
                    centre.get().hub().cut(node);
                }
                return ingested;
            }

            @Override
            public Cursor cursor(String node, String lane) {
                return real.cursor(node, lane);
            }

            @Override
            public boolean stores(String node, String namespace) {
                return real.stores(node, namespace);
            }
        };
    }

    private static byte[] sample(long end, double value) {
        return Sample.newBuilder()
                .setNamespace("cold")
                .setSource("stream/average")
                .setKey("room")
                .setStartMillis(end - 1000)
                .setEndMillis(end)
                .putValues("temperature", value)
                .build()
                .toByteArray();
    }
}
