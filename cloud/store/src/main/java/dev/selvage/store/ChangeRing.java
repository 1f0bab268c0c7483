package dev.selvage.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The latest changes of one resource, shared by its watchers, each of which only keeps a position: so memory is bounded however many watch. At
 * the limit the oldest change goes, and a watcher that had not read it is expired.
 */
final class ChangeRing {
    static final long MAX_BYTES = 32L << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();
    private final @Nullable Change[] slots;
    private int head;
    private int size;
    private long bytes;
    private long floor;
    private boolean ended;

    /** @param floor every change after this revision will be added */
    ChangeRing(int capacity, long floor) {
        this.slots = new @Nullable Change[capacity];
        this.floor = floor;
    }

    void add(Change change) {
        lock.lock();
        try {
            while (size == slots.length || (size > 0 && bytes + bytes(change) > MAX_BYTES)) {
                dropOldest();
            }
            slots[(head + size++) % slots.length] = change;
            bytes += bytes(change);
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Changes after a revision, in order; empty Optional when some of them are gone, or the ring is no longer fed. */
    Optional<List<Change>> after(long revision, int limit) {
        lock.lock();
        try {
            if (ended || revision < floor) {
                return Optional.empty();
            }
            int first = firstAfter(revision);
            List<Change> found = new ArrayList<>(Math.min(limit, size - first));
            for (int i = first; i < size && found.size() < limit; i++) {
                found.add(at(i));
            }
            return Optional.of(found);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is a change after the revision, the ring ends, or {@code stop} says true after a {@link #wake}. */
    void await(long revision, Duration wait, BooleanSupplier stop) throws InterruptedException {
        long left = wait.toNanos();
        lock.lock();
        try {
            while (!ended && firstAfter(revision) == size && !stop.getAsBoolean() && left > 0) {
                left = grown.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    long floor() {
        lock.lock();
        try {
            return floor;
        } finally {
            lock.unlock();
        }
    }

    boolean ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            ended = true;
            Arrays.fill(slots, null);
            size = 0;
            bytes = 0;
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void wake() {
        lock.lock();
        try {
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void dropOldest() {
        Change oldest = at(0);
        slots[head] = null;
        head = (head + 1) % slots.length;
        size--;
        bytes -= bytes(oldest);
        floor = oldest.revision();
    }

    private int firstAfter(long revision) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (at(middle).revision() > revision) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private Change at(int index) {
        return Objects.requireNonNull(slots[(head + index) % slots.length], "a slot within the ring is filled");
    }

    private static long bytes(Change change) {
        return change.after().stored().json().length + 256L;
    }
}
