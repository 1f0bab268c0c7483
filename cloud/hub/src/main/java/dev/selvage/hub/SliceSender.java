package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.selvage.link.Delete;
import dev.selvage.link.Hello;
import dev.selvage.link.HubMessage;
import dev.selvage.link.Put;
import dev.selvage.link.SliceUpdate;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.StoreUnavailableException;
import dev.selvage.store.Stored;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one node's slice up to date: compares what the node has with what it needs, at its Hello and after every change, and sends the difference. So a connection
 * that was cut, a hub that was restarted and a change seen live are one and the same case.
 *
 * <p>Deletions that {@link HeldDeletions} holds are not sent. While they are held for an unknown incarnation the node keeps its old incarnation and revision, so that
 * a restored or lagging database never wipes a site. A session ends when the store becomes another incarnation under it: the node then comes again, as foreign.
 */
final class SliceSender {
    private static final Logger LOG = LoggerFactory.getLogger(SliceSender.class);
    private static final int WINDOW = 16;
    private static final int MAX_BYTES = 1024 * 1024;
    /** By resource, the field of the status by which the centre answers: a Stream's plan, when a CronJob ran last, and that a Job has ended. */
    private static final Map<String, String> ANSWERS =
            Map.of(Kinds.STREAM.id(), "plan", Kinds.CRON_JOB.id(), "lastScheduleTime", Kinds.JOB.id(), "conditions");

    private static final int UNKNOWN = 0;
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final Duration REVIEW = Duration.ofSeconds(5);
    private static final Duration AT_LEAST = Duration.ofHours(1);

    private final String node;
    private final SliceIndex index;
    private final SliceFeed feed;
    private final NodeConnection connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<ObjectKey, Held> held = new HashMap<>();
    private final HeldDeletions deletions;
    private final String incarnation;
    private final long nodeRevision;
    private long revision;
    private long sequence;
    private long stored;
    private boolean dirty = true;
    private boolean told;
    private boolean retry;
    private boolean closed;

    /**
     * What the node has.
     *
     * @param digest of all but its status; {@link #UNKNOWN} for what it had before this session
     */
    private record Held(String uid, long revision, int digest) {}

    /**
     * @param incarnation of the store, by which {@code deletions} will judge
     */
    SliceSender(
            String node,
            Hello hello,
            String incarnation,
            HeldDeletions deletions,
            SliceIndex index,
            SliceFeed feed,
            NodeConnection connection) {
        this.node = node;
        this.index = index;
        this.feed = feed;
        this.connection = connection;
        this.deletions = deletions;
        this.incarnation = incarnation;
        this.nodeRevision = hello.getRevision();
        boolean same = !deletions.foreign() && hello.getIncarnation().equals(incarnation);
        this.revision = same ? nodeRevision : 0;
        this.told = same && nodeRevision > 0 && !hello.getIncomplete();
        hello.getHeldList()
                .forEach(h -> held.put(Refs.key(h.getObject()), new Held(h.getUid(), h.getRevision(), UNKNOWN)));
    }

    /** The slice may have changed. */
    void changed() {
        lock.lock();
        try {
            dirty = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** @throws PeerException for a message that was never sent */
    void stored(long upTo) throws PeerException {
        lock.lock();
        try {
            if (upTo > sequence) {
                throw PeerException.caught(Offence.PROTOCOL, "stored " + upTo + " of " + sequence + " slice updates");
            }
            if (upTo < stored) {
                throw PeerException.caught(
                        Offence.REPLAY, "slice update " + upTo + " is stored after " + stored + " were");
            }
            stored = upTo;
            dirty |= deletions.open(); // which may be over now
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Sends until interrupted or the connection fails. */
    void run() throws IOException, InterruptedException {
        boolean judged = false;
        while (true) {
            awaitChange();
            Map<ObjectKey, Stored> slice = index.slice(node);
            long reached = feed.highest(incarnation); // a hub that is behind it may lack what the node is sent now
            if (feed.revision(incarnation) < 0) {
                // a restored backup or a fail-over: what is missing now nobody has deleted
                throw PeerException.close("the store is another incarnation now: the session begins anew");
            }
            if (!judged) {
                judged = true;
                Map<ObjectKey, String> uids = new HashMap<>();
                held.forEach((key, object) -> {
                    if (!key.resource().equals(Kinds.JOB.id())) { // the node's own records: nothing stops with them
                        uids.put(key, object.uid());
                    }
                });
                deletions.judge(uids, slice.keySet());
            }
            retry = false;
            review(slice.keySet());
            send(slice, reached);
            finish();
        }
    }

    private void review(Set<ObjectKey> needed) {
        boolean any = deletions.any();
        try {
            deletions.review(needed);
        } catch (StoreUnavailableException e) {
            later(e);
        }
        told &= deletions.any() == any; // the node takes the store's incarnation, if nothing else
    }

    /** Closes the request when the node has stored what came of it. */
    private void finish() {
        if (deletions.open() && !deletions.any() && allStored()) {
            try {
                deletions.close();
            } catch (StoreUnavailableException e) {
                later(e);
            }
        }
    }

    private void later(StoreUnavailableException e) {
        retry = true;
        LOG.warn("held deletions on node {} wait for the store: {}", node, e.getMessage());
    }

    private boolean allStored() {
        lock.lock();
        try {
            return stored == sequence;
        } finally {
            lock.unlock();
        }
    }

    /** The session has ended. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void goOn() throws PeerException {
        if (closed) {
            throw PeerException.close("the session has ended");
        }
    }

    private void awaitChange() throws IOException, InterruptedException {
        lock.lock();
        try {
            long left = (retry ? RETRY : deletions.open() ? REVIEW : AT_LEAST).toNanos();
            while (!dirty && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            goOn();
            dirty = false;
        } finally {
            lock.unlock();
        }
    }

    private void send(Map<ObjectKey, Stored> slice, long reached) throws IOException, InterruptedException {
        var update = SliceUpdate.newBuilder();
        int bytes = 0;
        for (var entry : slice.entrySet()) {
            if (differs(entry.getKey(), entry.getValue())) {
                Put put = put(entry.getValue());
                if (bytes > 0 && bytes + put.getSerializedSize() > MAX_BYTES) {
                    flush(update, revision, false);
                    update = SliceUpdate.newBuilder();
                    bytes = 0;
                }
                update.addPuts(put);
                bytes += put.getSerializedSize();
            }
        }
        var surplus = held.entrySet().iterator();
        while (surplus.hasNext()) {
            var entry = surplus.next();
            if (!slice.containsKey(entry.getKey()) && !deletions.holds(entry.getKey())) {
                update.addDeletes(Delete.newBuilder()
                        .setObject(Refs.of(entry.getKey()))
                        .setUid(entry.getValue().uid()));
                surplus.remove();
            }
        }
        if (update.getPutsCount() + update.getDeletesCount() > 0 || !told) { // an empty slice is an answer too
            told = true;
            flush(update, Math.max(revision, reached), !deletions.any());
        }
    }

    private boolean differs(ObjectKey key, Stored now) {
        Held last = held.get(key);
        if (last != null && last.uid().equals(now.uid()) && last.revision() == now.revision()) {
            return false;
        }
        int digest = digest(now);
        held.put(key, new Held(now.uid(), now.revision(), digest));
        return last == null || !last.uid().equals(now.uid()) || last.digest() == UNKNOWN || last.digest() != digest;
    }

    /** A node needs nothing of the statuses that come from nodes themselves, but for what the centre answers by them. */
    private static int digest(Stored stored) {
        ObjectNode object = stored.parse();
        int answer = answer(stored.key().resource(), object);
        object.remove("status");
        Meta.of(object).remove("resourceVersion");
        Meta.of(object).remove("managedFields");
        int digest = 31 * object.hashCode() + answer;
        return digest == UNKNOWN ? 1 : digest;
    }

    private static int answer(String resource, ObjectNode object) {
        String field = ANSWERS.get(resource);
        return field == null ? 0 : Json.at(object, "status", field).hashCode();
    }

    private static Put put(Stored stored) {
        return Put.newBuilder()
                .setObject(Refs.of(stored.key()))
                .setUid(stored.uid())
                .setRevision(stored.revision())
                .setJson(ByteString.copyFrom(stored.json()))
                .build();
    }

    /**
     * @param whole what is held back of an unknown database may also be missing in what the node lost
     */
    private void flush(SliceUpdate.Builder update, long after, boolean whole) throws IOException, InterruptedException {
        revision = after;
        boolean old = deletions.keepsIncarnation();
        connection.send(HubMessage.newBuilder()
                .setSliceUpdate(update.setSequence(nextSequence())
                        .setIncarnation(old ? deletions.nodeIncarnation() : incarnation)
                        .setRevision(old ? nodeRevision : after)
                        .setWhole(whole))
                .build());
    }

    /** Waits for room in the window of updates that the node has not stored yet. */
    private long nextSequence() throws IOException, InterruptedException {
        lock.lock();
        try {
            while (sequence - stored >= WINDOW && !closed) {
                changed.await();
            }
            goOn();
            return ++sequence;
        } finally {
            lock.unlock();
        }
    }
}
