package dev.selvage.agent;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Lanes;
import dev.selvage.link.Sample;
import dev.selvage.streams.Row;
import dev.selvage.streams.SampleSink;
import dev.selvage.streams.WindowName;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Puts rows into the upload lanes: alarms into theirs, telemetry into live while the node is linked and into the backlog while it is not. */
final class LaneSink implements SampleSink {
    private static final String GAP = "gap_seconds";

    private final Lanes lanes;
    private final String node;
    private final BooleanSupplier linked;
    private final Consumer<Row> watcher;

    /**
     * @param watcher sees each row that was taken, for the node's own page
     */
    LaneSink(Lanes lanes, String node, BooleanSupplier linked, Consumer<Row> watcher) {
        this.lanes = lanes;
        this.node = node;
        this.linked = linked;
        this.watcher = watcher;
    }

    /**
     * Telemetry that the lanes drop is counted there and not offered again.
     *
     * @throws IllegalStateException when the disk does not take an alarm: the stream keeps it and offers it again
     */
    @Override
    public void append(Row row) {
        byte[] sample = sample(row).toByteArray();
        if (!row.lane().equals("alarm")) {
            lanes.append(linked.getAsBoolean() ? Lane.LIVE : Lane.BACKLOG, sample);
        } else if (!lanes.offer(Lane.ALARM, sample)) {
            throw new IllegalStateException("the disk does not take an alarm; it is kept in memory and tried again");
        }
        watcher.accept(row);
    }

    /** A figure of the node, in the namespace whose windows it is about. */
    @Override
    public void gap(String namespace, long fromMillis, long toMillis) {
        double seconds = (toMillis - fromMillis) / 1000.0;
        append(new Row("live", namespace, NodeReporter.SOURCE, node, fromMillis, toMillis, true, Map.of(GAP, seconds)));
    }

    private static Sample sample(Row row) {
        return Sample.newBuilder()
                .setNamespace(row.namespace())
                .setSource(row.source())
                .setKey(row.key())
                .setStartMillis(row.startMillis())
                .setEndMillis(row.endMillis())
                .setPartial(row.partial())
                .putAllValues(row.values())
                .build();
    }

    @Override
    public void sync() {
        lanes.sync();
    }

    @Override
    public void recent(Consumer<WindowName> seen) {
        for (Lane lane : Lane.values()) {
            lanes.recent(lane, record -> window(record, seen));
        }
    }

    private static void window(byte[] record, Consumer<WindowName> seen) {
        try {
            Sample sample = Sample.parseFrom(record);
            seen.accept(
                    new WindowName(sample.getNamespace(), sample.getSource(), sample.getKey(), sample.getEndMillis()));
        } catch (InvalidProtocolBufferException e) {
            System.getLogger(LaneSink.class.getName())
                    .log(System.Logger.Level.WARNING, "a record of a lane is no sample: " + e.getMessage());
        }
    }
}
