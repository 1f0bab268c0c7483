package dev.selvage.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Lanes;
import dev.selvage.lanes.LanesConfig;
import dev.selvage.streams.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaneSinkTest {
    @TempDir
    Path directory;

    private final List<Row> watched = new ArrayList<>();
    private boolean linked = true;

    @Test
    void theTenSecondAverageTakesAtMostATwentiethOfTheRawPointsInTheSameEncoding() throws Exception {
        try (Lanes lanes = Lanes.open(directory, LanesConfig.standard())) {
            LaneSink sink = new LaneSink(lanes, () -> linked, watched::add);
            for (int poll = 0; poll < 50; poll++) {
                long at = 1_795_231_626_000L + poll * 200L;
                sink.append(row("live", at, at, 4.0 + poll / 100.0));
            }
            sink.sync();
            int raw = bytes(lanes, Lane.LIVE);
            linked = false;
            sink.append(row("live", 1_795_231_626_000L, 1_795_231_636_000L, 4.245));
            sink.sync();
            assertThat(bytes(lanes, Lane.BACKLOG) * 20).isLessThanOrEqualTo(raw).isPositive();
        }
    }

    @Test
    void rowsGoToTheLiveLaneWhileLinkedAndToTheBacklogWhileNotAndAlarmsToTheirOwn() throws Exception {
        try (Lanes lanes = Lanes.open(directory, LanesConfig.standard())) {
            LaneSink sink = new LaneSink(lanes, () -> linked, watched::add);
            sink.append(row("live", 1, 2, 1));
            linked = false;
            sink.append(row("live", 2, 3, 1));
            sink.append(row("live", 3, 4, 1));
            sink.append(row("alarm", 4, 5, 1));
            sink.sync();
            assertThat(lanes.peek(Lane.LIVE, 1 << 20).records()).hasSize(1);
            assertThat(lanes.peek(Lane.BACKLOG, 1 << 20).records()).hasSize(2);
            assertThat(lanes.peek(Lane.ALARM, 1 << 20).records()).hasSize(1);
            assertThat(watched).hasSize(4);
        }
    }

    private static int bytes(Lanes lanes, Lane lane) {
        return lanes.peek(lane, 1 << 20).records().stream()
                .mapToInt(r -> r.length)
                .sum();
    }

    private static Row row(String lane, long start, long end, double value) {
        return new Row(
                lane, "first-light", "stream/room-average", "room-1", start, end, false, Map.of("temperature", value));
    }
}
