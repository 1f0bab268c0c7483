package dev.selvage.hub;

import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Batches of one session that wait to be stored, bounded by number and by bytes. */
final class Inbox<T extends MessageLite> {
    private final int most;
    private final long mostBytes;
    private final ArrayDeque<T> batches = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long bytes;
    private boolean closed;

    Inbox(int most, long mostBytes) {
        this.most = most;
        this.mostBytes = mostBytes;
    }

    /** False when there is no room; one batch, whatever its size, has room always. */
    boolean offer(T batch) {
        lock.lock();
        try {
            if (batches.size() >= most || (!batches.isEmpty() && bytes + batch.getSerializedSize() > mostBytes)) {
                return false;
            }
            batches.addLast(batch);
            bytes += batch.getSerializedSize();
            changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** @throws IOException when the session has ended */
    T take() throws IOException, InterruptedException {
        lock.lock();
        try {
            while (batches.isEmpty() && !closed) {
                changed.await();
            }
            if (closed) {
                throw PeerException.close("the session has ended");
            }
            T batch = batches.removeFirst();
            bytes -= batch.getSerializedSize();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Waits before a failed write is tried again; the session's end ends it. */
    void pause(java.time.Duration time) throws IOException, InterruptedException {
        lock.lock();
        try {
            long left = time.toNanos();
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            if (closed) {
                throw PeerException.close("the session has ended");
            }
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return batches.size();
        } finally {
            lock.unlock();
        }
    }

    boolean closed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            batches.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
