package dev.selvage.session;

import com.google.protobuf.ByteString;
import dev.selvage.lanes.Batch;
import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Lanes;
import dev.selvage.link.LaneBatch;
import dev.selvage.link.LaneStored;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.UploadLane;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sends the synced records of the lanes over one control connection: alarms first, then live, and a batch of the backlog only when neither has any. Each lane has a
 * window of batches in flight; the backlog's is one, so that at most one of its batches is ever ahead of an alarm.
 */
final class LaneUploader {
    private static final long RECHECK_MILLIS = 5_000;

    private final Lanes lanes;
    private final HubConnection connection;
    private final int window;
    private final int batchBytes;
    private final Map<Lane, ArrayDeque<Batch>> inFlight = new EnumMap<>(Lane.class);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean signalled;

    LaneUploader(Lanes lanes, HubConnection connection, int window, int batchBytes) {
        this.lanes = lanes;
        this.connection = connection;
        this.window = Math.max(1, window);
        this.batchBytes = batchBytes;
    }

    /** Sends until interrupted or the connection fails. */
    void run() throws IOException, InterruptedException {
        while (true) {
            if (!sendMostUrgent()) {
                await();
            }
        }
    }

    /** Wakes {@link #run} whenever records were synced; until interrupted. */
    void watchLanes() throws InterruptedException {
        long mark = 0;
        while (true) {
            long next = lanes.awaitSynced(mark, Duration.ofMillis(RECHECK_MILLIS));
            if (next != mark) {
                mark = next;
                signal();
            }
        }
    }

    private boolean sendMostUrgent() throws IOException {
        for (Lane lane : Lane.values()) {
            Batch batch = nextOf(lane);
            if (!batch.isEmpty()) {
                connection.send(message(batch));
                return true;
            }
        }
        return false;
    }

    private Batch nextOf(Lane lane) {
        lock.lock();
        try {
            ArrayDeque<Batch> flying = flying(lane);
            if (flying.size() >= (lane == Lane.BACKLOG ? 1 : window)) {
                return new Batch(lane, 0, 0, List.of());
            }
            Batch last = flying.peekLast();
            Batch batch = last == null
                    ? lanes.peek(lane, batchBytes)
                    : lanes.peekAfter(lane, last.epoch(), last.lastSequence(), batchBytes);
            if (!batch.isEmpty()) {
                flying.addLast(batch);
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private ArrayDeque<Batch> flying(Lane lane) {
        return inFlight.computeIfAbsent(lane, l -> new ArrayDeque<>());
    }

    private void await() throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(RECHECK_MILLIS);
            while (!signalled && left > 0) {
                left = changed.awaitNanos(left);
            }
            signalled = false;
        } finally {
            lock.unlock();
        }
    }

    private void signal() {
        lock.lock();
        try {
            signalled = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    void acknowledged(LaneStored stored) throws LinkException {
        Lane lane = lane(stored.getLane());
        try {
            lanes.acknowledge(lane, stored.getEpoch(), stored.getSequence());
        } catch (IllegalArgumentException e) {
            throw new LinkException("the hub acknowledged what cannot be: " + e.getMessage(), e);
        }
        lock.lock();
        try {
            flying(lane)
                    .removeIf(b -> b.epoch() < stored.getEpoch()
                            || (b.epoch() == stored.getEpoch() && b.lastSequence() <= stored.getSequence()));
        } finally {
            lock.unlock();
        }
        signal();
    }

    private static NodeMessage message(Batch batch) {
        var upload = LaneBatch.newBuilder()
                .setLane(upload(batch.lane()))
                .setEpoch(batch.epoch())
                .setFirstSequence(batch.firstSequence());
        batch.records().forEach(record -> upload.addRecords(ByteString.copyFrom(record)));
        return NodeMessage.newBuilder().setLaneBatch(upload).build();
    }

    private static UploadLane upload(Lane lane) {
        return switch (lane) {
            case ALARM -> UploadLane.UPLOAD_LANE_ALARM;
            case LIVE -> UploadLane.UPLOAD_LANE_LIVE;
            case BACKLOG -> UploadLane.UPLOAD_LANE_BACKLOG;
        };
    }

    private static Lane lane(UploadLane lane) throws LinkException {
        return switch (lane) {
            case UPLOAD_LANE_ALARM -> Lane.ALARM;
            case UPLOAD_LANE_LIVE -> Lane.LIVE;
            case UPLOAD_LANE_BACKLOG -> Lane.BACKLOG;
            case UPLOAD_LANE_UNSPECIFIED, UNRECOGNIZED -> throw new LinkException("the hub acknowledged no lane");
        };
    }
}
