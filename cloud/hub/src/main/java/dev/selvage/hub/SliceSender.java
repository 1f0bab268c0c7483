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
import dev.selvage.store.Stored;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
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
 * <p>Objects that a node under an unknown incarnation has too many are left alone, and the node keeps its old incarnation and revision meanwhile, so that a restored
 * or lagging database never wipes a site. Holding them as a NodeRequest that an administrator approves (design "Link") has its place in {@link #hold}.
 */
final class SliceSender {
    private static final Logger LOG = LoggerFactory.getLogger(SliceSender.class);
    private static final int WINDOW = 16;
    private static final int MAX_BYTES = 1024 * 1024;
    private static final int UNKNOWN = 0;

    private final String node;
    private final SliceIndex index;
    private final SliceFeed feed;
    private final NodeConnection connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<ObjectKey, Held> held = new HashMap<>();
    private final Set<ObjectKey> withheld = new HashSet<>();
    private final boolean known;
    /** The store's, as it was when the session began; {@link #incarnation} is what the node is told. */
    private final String storeIncarnation;

    private String incarnation;
    private long revision;
    private long sequence;
    private long stored;
    private boolean dirty = true;
    private boolean told;

    /**
     * What the node has.
     *
     * @param digest of all but its status; {@link #UNKNOWN} for what it had before this session
     */
    private record Held(String uid, long revision, int digest) {}

    SliceSender(
            String node,
            Hello hello,
            String storeIncarnation,
            SliceIndex index,
            SliceFeed feed,
            NodeConnection connection) {
        this.node = node;
        this.index = index;
        this.feed = feed;
        this.connection = connection;
        this.known = hello.getIncarnation().equals(storeIncarnation)
                || (hello.getIncarnation().isEmpty() && hello.getHeldCount() == 0);
        this.storeIncarnation = storeIncarnation;
        this.incarnation = storeIncarnation;
        this.revision = hello.getIncarnation().equals(storeIncarnation) ? hello.getRevision() : 0;
        hello.getHeldList()
                .forEach(h -> held.put(Refs.key(h.getObject()), new Held(h.getUid(), h.getRevision(), UNKNOWN)));
        this.told = hello.getIncarnation().equals(storeIncarnation) && hello.getRevision() > 0;
        if (!known) {
            hold(hello, index.slice(node).keySet());
        }
    }

    /** Deletions of an unknown incarnation wait here for an administrator; until there is a way to approve them they are not sent. */
    private void hold(Hello hello, Set<ObjectKey> needed) {
        held.keySet().stream().filter(key -> !needed.contains(key)).forEach(withheld::add);
        if (!withheld.isEmpty()) {
            LOG.warn(
                    "node {} comes with objects of another incarnation of the store ({}); these are not in its slice and are left alone: {}",
                    node,
                    hello.getIncarnation(),
                    withheld);
            incarnation = hello.getIncarnation();
            revision = hello.getRevision();
        }
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
                throw PeerException.close("stored " + upTo + " of " + sequence + " slice updates");
            }
            stored = Math.max(stored, upTo);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Sends until interrupted or the connection fails. */
    void run() throws IOException, InterruptedException {
        while (true) {
            awaitChange();
            long reached = feed.revision(storeIncarnation);
            Map<ObjectKey, Stored> slice = index.slice(node);
            if (feed.revision(storeIncarnation) < 0) {
                // a restored backup or a fail-over: what is missing now nobody has deleted
                throw PeerException.close("the store is another incarnation now: the session begins anew");
            }
            send(slice, reached);
        }
    }

    private void awaitChange() throws InterruptedException {
        lock.lock();
        try {
            while (!dirty) {
                changed.await();
            }
            dirty = false;
        } finally {
            lock.unlock();
        }
    }

    private void send(Map<ObjectKey, Stored> slice, long reached) throws IOException, InterruptedException {
        var update = SliceUpdate.newBuilder();
        int bytes = 0;
        for (var entry : slice.entrySet()) {
            withheld.remove(entry.getKey());
            if (differs(entry.getKey(), entry.getValue())) {
                Put put = put(entry.getValue());
                if (bytes > 0 && bytes + put.getSerializedSize() > MAX_BYTES) {
                    flush(update, revision);
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
            if (!slice.containsKey(entry.getKey()) && !withheld.contains(entry.getKey())) {
                update.addDeletes(Delete.newBuilder()
                        .setObject(Refs.of(entry.getKey()))
                        .setUid(entry.getValue().uid()));
                surplus.remove();
            }
        }
        if (update.getPutsCount() + update.getDeletesCount() > 0 || !told) { // an empty slice is an answer too
            told = true;
            flush(update, withheld.isEmpty() ? Math.max(revision, reached) : revision);
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

    /** A node needs nothing of the statuses that come from nodes themselves; a Stream's plan is the exception. */
    private static int digest(Stored stored) {
        ObjectNode object = stored.parse();
        int plan = stored.key().resource().equals(Kinds.STREAM.id())
                ? Json.at(object, "status", "plan").hashCode()
                : 0;
        object.remove("status");
        Meta.of(object).remove("resourceVersion");
        Meta.of(object).remove("managedFields");
        int digest = 31 * object.hashCode() + plan;
        return digest == UNKNOWN ? 1 : digest;
    }

    private static Put put(Stored stored) {
        return Put.newBuilder()
                .setObject(Refs.of(stored.key()))
                .setUid(stored.uid())
                .setRevision(stored.revision())
                .setJson(ByteString.copyFrom(stored.json()))
                .build();
    }

    private void flush(SliceUpdate.Builder update, long after) throws IOException, InterruptedException {
        revision = after;
        connection.send(HubMessage.newBuilder()
                .setSliceUpdate(update.setSequence(nextSequence())
                        .setIncarnation(incarnation)
                        .setRevision(after))
                .build());
    }

    /** Waits for room in the window of updates that the node has not stored yet. */
    private long nextSequence() throws InterruptedException {
        lock.lock();
        try {
            while (sequence - stored >= WINDOW) {
                changed.await();
            }
            return ++sequence;
        } finally {
            lock.unlock();
        }
    }
}
