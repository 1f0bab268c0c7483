package dev.selvage.workloads;

import dev.selvage.model.Pod;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What others have to say to a pod's thread. Only the newest of each kind counts, so it cannot fill up. */
final class PodMailbox {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private Pod desired;
    private boolean removed;
    private boolean configsChanged;
    private boolean poked = true;
    private boolean closing;

    /**
     * @param ending the pod must go
     * @param configsChanged since the last time
     */
    record Messages(Pod pod, boolean ending, boolean configsChanged) {}

    PodMailbox(Pod desired, boolean removed) {
        this.desired = desired;
        this.removed = removed;
    }

    void desire(Pod pod) {
        lock.lock();
        try {
            if (!removed && pod.equals(desired)) {
                return;
            }
            desired = pod;
            removed = false;
            poke();
        } finally {
            lock.unlock();
        }
    }

    void remove() {
        tell(() -> removed = true);
    }

    void configsChanged() {
        tell(() -> configsChanged = true);
    }

    void wake() {
        tell(() -> {});
    }

    void close() {
        tell(() -> closing = true);
    }

    boolean closing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    boolean leaving() {
        lock.lock();
        try {
            return removed || desired.deleting();
        } finally {
            lock.unlock();
        }
    }

    Messages take() {
        lock.lock();
        try {
            boolean changed = configsChanged;
            configsChanged = false;
            return new Messages(desired, removed || desired.deleting(), changed);
        } finally {
            lock.unlock();
        }
    }

    /** Sleeps until something is said, at most so long. */
    void await(Duration pause) throws InterruptedException {
        lock.lock();
        try {
            long nanos = pause.toNanos();
            while (!poked && nanos > 0) {
                nanos = woken.awaitNanos(nanos);
            }
            poked = false;
        } finally {
            lock.unlock();
        }
    }

    private void tell(Runnable message) {
        lock.lock();
        try {
            message.run();
            poke();
        } finally {
            lock.unlock();
        }
    }

    private void poke() {
        poked = true;
        woken.signal();
    }
}
