package dev.selvage.control.frame;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keys that want work, each at most once however often it is added. A key added while it is worked on comes again
 * afterwards, so that no change is missed and no key is worked on twice at a time. Bounded by the number of distinct
 * keys, which is the number of objects.
 */
public final class WorkQueue<K> {
    private final LinkedHashSet<K> ready = new LinkedHashSet<>();
    private final Set<K> working = new HashSet<>();
    private final Set<K> again = new HashSet<>();
    private final Map<K, Timed<K>> due = new HashMap<>();
    private final TreeSet<Timed<K>> timers = new TreeSet<>();
    private final Map<K, Integer> failures = new HashMap<>();
    private final Backoff backoff;
    private long sequence;
    private boolean closed;

    private record Timed<K>(long at, long sequence, K key) implements Comparable<Timed<K>> {
        @Override
        public int compareTo(Timed<K> other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(sequence, other.sequence);
        }
    }

    public WorkQueue(Backoff backoff) {
        this.backoff = backoff;
    }

    public synchronized void add(K key) {
        if (closed) {
            return;
        }
        forget(key);
        if (working.contains(key)) {
            again.add(key);
        } else if (ready.add(key)) {
            notifyAll();
        }
    }

    /** Adds the key later; of several times the earliest counts. */
    public synchronized void addAfter(K key, Duration delay) {
        if (closed || ready.contains(key)) {
            return;
        }
        long at = System.nanoTime() + delay.toNanos();
        Timed<K> before = due.get(key);
        if (before == null || at < before.at()) {
            forget(key);
            Timed<K> timed = new Timed<>(at, sequence++, key);
            due.put(key, timed);
            timers.add(timed);
            notifyAll();
        }
    }

    /** Waits for a key; empty when the queue has been closed. The taker must call {@link #done} or {@link #failed}. */
    public synchronized Optional<K> take() throws InterruptedException {
        while (!closed) {
            long wait = release();
            if (!ready.isEmpty()) {
                K key = ready.removeFirst();
                working.add(key);
                return Optional.of(key);
            }
            if (wait < 0) {
                wait();
            } else {
                wait(wait / 1_000_000 + 1);
            }
        }
        return Optional.empty();
    }

    /** Work on the key succeeded: its failures are forgotten. */
    public synchronized void done(K key) {
        failures.remove(key);
        finish(key);
    }

    /** Work on the key failed: it comes again after a back-off that grows to its cap. Returns the failures so far. */
    public synchronized int failed(K key) {
        int count = failures.merge(key, 1, Integer::sum);
        finish(key);
        addAfter(key, backoff.after(count));
        return count;
    }

    /** Gives a failed key up: it comes back only when it is added again. */
    public synchronized void giveUp(K key) {
        failures.remove(key);
        forget(key);
    }

    public synchronized int size() {
        return ready.size() + due.size() + working.size();
    }

    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void finish(K key) {
        working.remove(key);
        if (again.remove(key)) {
            add(key);
        }
    }

    private void forget(K key) {
        Timed<K> timed = due.remove(key);
        if (timed != null) {
            timers.remove(timed);
        }
    }

    /** Moves due keys to ready; returns nanoseconds to the next one, or -1. */
    private long release() {
        long now = System.nanoTime();
        while (!timers.isEmpty()) {
            Timed<K> next = timers.first();
            if (next.at() > now) {
                return next.at() - now;
            }
            add(next.key());
        }
        return -1;
    }
}
