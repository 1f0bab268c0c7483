package dev.selvage.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.lanes.Batch;
import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Lanes;
import dev.selvage.lanes.LanesConfig;
import dev.selvage.streams.Row;
import dev.selvage.streams.WindowName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows on their way into the lanes (issue 2, "The proof": each window once). */
class LaneSinkTest {
    @TempDir
    Path dir;

    /** Five Streams over a thousand devices each end their windows in one tick, and the agent is killed before the checkpoint that says so. */
    @Test
    void whatOneTickEmittedIsKnownAfterARestartThoughItWasSentMeanwhile() throws IOException {
        try (Lanes lanes = Lanes.open(dir, LanesConfig.standard())) {
            LaneSink sink = new LaneSink(lanes, "edge-1", () -> true, row -> {});
            for (int i = 0; i < 5_000; i++) {
                sink.append(row(i));
            }
            sink.sync();
            for (Batch batch = lanes.peek(Lane.LIVE, 1 << 18);
                    !batch.isEmpty();
                    batch = lanes.peek(Lane.LIVE, 1 << 18)) {
                lanes.acknowledge(Lane.LIVE, batch.epoch(), batch.lastSequence());
            }
        }
        Set<WindowName> seen = new HashSet<>();
        try (Lanes lanes = Lanes.open(dir, LanesConfig.standard())) {
            new LaneSink(lanes, "edge-1", () -> true, row -> {}).recent(seen::add);
        }
        for (int i = 0; i < 5_000; i++) {
            Row row = row(i);
            assertThat(seen).contains(new WindowName(row.namespace(), row.source(), row.key(), row.endMillis()));
        }
    }

    private static Row row(int i) {
        return new Row(
                "live",
                "shop",
                "stream/average-" + i % 5,
                "cold-room-of-branch-" + i / 5,
                1_760_000_000_000L,
                1_760_000_010_000L,
                false,
                Map.of("temperature", i / 7.0, "humidity", i / 3.0));
    }
}
