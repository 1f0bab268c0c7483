package dev.selvage.hub;

import dev.selvage.telemetry.Cursor;
import dev.selvage.telemetry.Ingested;
import dev.selvage.telemetry.LaneRecord;
import dev.selvage.telemetry.SeriesFilter;
import dev.selvage.telemetry.Telemetry;
import java.util.List;

/** Where the upload lanes end: what the hub needs of {@link Telemetry}. */
interface LaneSink {
    /** As {@link Telemetry#ingest}. */
    Ingested ingest(String node, String lane, long epoch, long firstSequence, List<LaneRecord> records);

    Cursor cursor(String node, String lane);

    /** Whether the node has stored samples of this namespace before. */
    default boolean stores(String node, String namespace) {
        return false;
    }

    static LaneSink of(Telemetry telemetry) {
        return new LaneSink() {
            @Override
            public Ingested ingest(String node, String lane, long epoch, long first, List<LaneRecord> records) {
                return telemetry.ingest(node, lane, epoch, first, records);
            }

            @Override
            public Cursor cursor(String node, String lane) {
                return telemetry.cursor(node, lane);
            }

            @Override
            public boolean stores(String node, String namespace) {
                return !telemetry
                        .series(new SeriesFilter(namespace, null, null, null, node), 1)
                        .isEmpty();
            }
        };
    }
}
