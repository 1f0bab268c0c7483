package dev.selvage.store;

import dev.selvage.model.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The objects and latest changes in memory. Changes come in from two sides, the committer's own groups and the follower of the change log; a change
 * that is known is passed over, one that would leave a gap is refused.
 */
final class WatchCache {
    private final int ringCapacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition advanced = lock.newCondition();
    private Map<String, ChangeRing> rings = new HashMap<>();
    private long ringFloor;
    private volatile Snapshot snapshot = Snapshot.EMPTY;

    WatchCache(int ringCapacity) {
        this.ringCapacity = ringCapacity;
    }

    Snapshot snapshot() {
        return snapshot;
    }

    /** Begins anew: at the start, after a gap, under another incarnation. Whoever watches is expired. */
    void reset(Snapshot loaded) {
        lock.lock();
        try {
            rings.values().forEach(ChangeRing::end);
            rings = new HashMap<>();
            ringFloor = loaded.revision();
            snapshot = loaded;
            advanced.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes consecutive changes.
     *
     * @return false when a change between the cache and the first of them is missing: nothing was taken then
     */
    boolean apply(List<Change> changes) {
        lock.lock();
        try {
            List<Change> fresh = new ArrayList<>(changes.size());
            long last = snapshot.revision();
            for (Change change : changes) {
                if (change.revision() > last) {
                    if (change.revision() != last + 1) {
                        return false;
                    }
                    fresh.add(change);
                    last++;
                }
            }
            if (!fresh.isEmpty()) {
                // rings first: a watcher that reads the snapshot's revision finds every change up to it
                fresh.forEach(change -> ring(change.after().key().resource()).add(change));
                snapshot = snapshot.with(fresh);
                advanced.signalAll();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the cache has reached a revision; false when it has not in time. */
    boolean await(long revision, Duration wait) throws InterruptedException {
        if (snapshot.revision() >= revision) {
            return true;
        }
        long left = wait.toNanos();
        lock.lock();
        try {
            while (snapshot.revision() < revision && left > 0) {
                left = advanced.awaitNanos(left);
            }
            return snapshot.revision() >= revision;
        } finally {
            lock.unlock();
        }
    }

    /** A ring is full by design; what it has dropped is watched from the change log. */
    void measure(Metrics into) {
        int changes = 0;
        long bytes = 0;
        lock.lock();
        try {
            for (ChangeRing ring : rings.values()) {
                changes = Math.max(changes, ring.size());
                bytes = Math.max(bytes, ring.bytes());
            }
        } finally {
            lock.unlock();
        }
        into.limit("store_watch_ring", changes, ringCapacity);
        into.limit("store_watch_ring_bytes", bytes, ChangeRing.MAX_BYTES);
        into.gauge("selvage_store_revision", "of the watch cache", snapshot.revision());
    }

    ChangeRing ring(String resource) {
        lock.lock();
        try {
            return rings.computeIfAbsent(resource, _ -> new ChangeRing(ringCapacity, ringFloor));
        } finally {
            lock.unlock();
        }
    }
}
