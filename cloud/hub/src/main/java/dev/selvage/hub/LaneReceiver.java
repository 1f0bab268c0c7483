package dev.selvage.hub;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LaneBatch;
import dev.selvage.link.LaneStored;
import dev.selvage.link.UploadLane;
import dev.selvage.telemetry.Cursor;
import dev.selvage.telemetry.Ingested;
import dev.selvage.telemetry.LaneRecord;
import dev.selvage.telemetry.Sample;
import dev.selvage.telemetry.TelemetryException;
import dev.selvage.telemetry.Unreadable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one node's upload lanes. A batch is acknowledged when telemetry has committed it together with the lane's cursor; one that comes again is found to be a
 * duplicate there. A record that is no sample is set aside by telemetry, and the lane goes on.
 */
final class LaneReceiver {
    private static final Logger LOG = LoggerFactory.getLogger(LaneReceiver.class);
    static final int WINDOW = 4;
    private static final int LANES = 3;
    static final int QUEUE = WINDOW * LANES;
    /** Over the lanes: the windows of an honest node, whose batches have 256 KiB, need half of it. */
    private static final long MAX_BYTES = 6 * 1024 * 1024;

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final String node;
    private final LaneSink telemetry;
    private final SampleOwnership ownership;
    private final NodeConnection connection;
    private final Offences offences;
    private final RateLimit told = new RateLimit(1);
    private final Map<UploadLane, Next> next = new EnumMap<>(UploadLane.class);
    private final Inbox<LaneBatch> batches = new Inbox<>(QUEUE, MAX_BYTES);

    /** What a lane goes on with. */
    private record Next(long epoch, long sequence) {}

    LaneReceiver(String node, LaneSink telemetry, SliceIndex index, NodeConnection connection, Offences offences) {
        this.node = node;
        this.telemetry = telemetry;
        this.ownership = new SampleOwnership(node, index, telemetry);
        this.connection = connection;
        this.offences = offences;
    }

    /** How far the centre is in each lane that it knows. */
    List<LaneStored> cursors() {
        List<LaneStored> cursors = new ArrayList<>();
        for (UploadLane lane :
                List.of(UploadLane.UPLOAD_LANE_ALARM, UploadLane.UPLOAD_LANE_LIVE, UploadLane.UPLOAD_LANE_BACKLOG)) {
            Cursor cursor = telemetry.cursor(node, name(lane));
            if (cursor.nextSequence() > 0) {
                cursors.add(stored(lane, cursor));
            }
        }
        return cursors;
    }

    void accept(LaneBatch batch) throws PeerException {
        if (name(batch.getLane()).isEmpty() || batch.getRecordsCount() == 0 || batch.getEpoch() <= 0) {
            throw PeerException.caught(
                    Offence.PROTOCOL,
                    "a batch of lane " + batch.getLaneValue() + ", epoch " + batch.getEpoch() + ", with "
                            + batch.getRecordsCount() + " records");
        }
        ascends(batch);
        if (!batches.offer(batch)) {
            throw PeerException.caught(
                    Offence.FLOOD,
                    "more than the window of " + WINDOW + " unacknowledged batches of a lane, or of " + MAX_BYTES
                            + " bytes of them");
        }
    }

    int waiting() {
        return batches.size();
    }

    /** Within a session each batch of a lane goes on where the one before ended, or later: what a broken link lost is sent again by the next session only. */
    private void ascends(LaneBatch batch) throws PeerException {
        Next after = new Next(batch.getEpoch(), batch.getFirstSequence() + batch.getRecordsCount());
        Next before = next.put(batch.getLane(), after);
        if (before != null
                && (after.epoch() < before.epoch()
                        || (after.epoch() == before.epoch() && batch.getFirstSequence() < before.sequence()))) {
            throw PeerException.caught(
                    Offence.REPLAY,
                    "lane " + name(batch.getLane()) + ": epoch " + after.epoch() + ", record "
                            + batch.getFirstSequence() + ", where epoch " + before.epoch() + ", record "
                            + before.sequence() + " is next");
        }
    }

    /** The session has ended: what is not stored yet comes again. */
    void close() {
        batches.close();
    }

    /** Stores until interrupted or the connection fails. */
    void run() throws IOException, InterruptedException {
        while (true) {
            LaneBatch batch = batches.take();
            Ingested ingested = store(batch);
            if (ingested.missing() > 0 && told.tryTake()) {
                LOG.warn(
                        "lane {} of node {}: {} records never came, the node dropped them at its limit",
                        name(batch.getLane()),
                        node,
                        ingested.missing());
            }
            connection.send(HubMessage.newBuilder()
                    .setLaneStored(stored(batch.getLane(), ingested.cursor()))
                    .build());
        }
    }

    private Ingested store(LaneBatch batch) throws IOException, InterruptedException {
        while (true) {
            try {
                return telemetry.ingest(
                        node, name(batch.getLane()), batch.getEpoch(), batch.getFirstSequence(), records(batch));
            } catch (IllegalArgumentException e) {
                throw PeerException.caught(Offence.PROTOCOL, "lane " + name(batch.getLane()) + ": " + e.getMessage());
            } catch (TelemetryException e) {
                LOG.warn("telemetry of node {} waits for the database: {}", node, e.getMessage());
                batches.pause(PAUSE);
            }
        }
    }

    private List<LaneRecord> records(LaneBatch batch) {
        ownership.nextBatch();
        List<LaneRecord> records = new ArrayList<>(batch.getRecordsCount());
        batch.getRecordsList().forEach(record -> records.add(read(record)));
        return records;
    }

    private LaneRecord read(ByteString record) {
        try {
            var sample = dev.selvage.link.Sample.parseFrom(record);
            Optional<String> objection =
                    ownership.objection(sample.getNamespace(), sample.getSource(), sample.getKey());
            if (objection.isPresent()) {
                offences.suspect(node, Offence.FOREIGN, objection.get());
                return new Unreadable(record.toByteArray(), objection.get());
            }
            return new Sample(
                    sample.getNamespace(),
                    sample.getSource(),
                    sample.getKey(),
                    sample.getStartMillis(),
                    sample.getEndMillis(),
                    sample.getPartial(),
                    sample.getValuesMap());
        } catch (InvalidProtocolBufferException e) {
            return new Unreadable(record.toByteArray(), "not a sample: " + e.getMessage());
        }
    }

    private static LaneStored stored(UploadLane lane, Cursor cursor) {
        return LaneStored.newBuilder()
                .setLane(lane)
                .setEpoch(cursor.epoch())
                .setSequence(cursor.nextSequence() - 1)
                .build();
    }

    private static String name(UploadLane lane) {
        return switch (lane) {
            case UPLOAD_LANE_ALARM -> "alarm";
            case UPLOAD_LANE_LIVE -> "live";
            case UPLOAD_LANE_BACKLOG -> "backlog";
            case UPLOAD_LANE_UNSPECIFIED, UNRECOGNIZED -> "";
        };
    }
}
