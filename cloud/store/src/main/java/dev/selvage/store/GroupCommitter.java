package dev.selvage.store;

import dev.selvage.model.Metrics;
import dev.selvage.model.ObjectKey;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits this process' writes in groups: while one group is on its way the next one gathers. Two writes of one object never share a group. The queue
 * is bounded: a write that finds it full fails at once, and the caller comes back.
 */
final class GroupCommitter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommitter.class);
    private static final int MAX_GROUP = 200;
    private static final long MAX_GROUP_BYTES = 8L << 20;
    private static final int MAX_QUEUE = 10_000;
    private static final long MAX_QUEUE_BYTES = 128L << 20;

    private final GroupTransaction transaction;
    private final WatchCache cache;
    private final Duration writeTimeout;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Write> queue = new ArrayDeque<>();
    private final Thread thread;
    private final LongAccumulator largestGroup = new LongAccumulator(Math::max, 0);
    private final LongAdder groups = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final Gathering gathering = new Gathering();
    private long queuedBytes;
    /** So many queued writes wake the committer. */
    private int wanted = 1;

    private boolean closed;

    GroupCommitter(GroupTransaction transaction, WatchCache cache, Duration writeTimeout) {
        this.transaction = transaction;
        this.cache = cache;
        this.writeTimeout = writeTimeout;
        this.thread = Thread.ofPlatform().daemon().name("store-committer").start(this::run);
    }

    /**
     * Waits until the write is committed and reads see it.
     *
     * @throws StoreUnavailableException when it is not, or when that cannot be known
     */
    Write.Result submit(Write write) {
        enqueue(write);
        try {
            Write.Result result = write.result().get(writeTimeout.toMillis(), TimeUnit.MILLISECONDS);
            if (result instanceof Write.Result.Done done
                    && !cache.await(done.stored().revision(), writeTimeout)) {
                LOG.warn(
                        "revision {} is committed, but reads do not see it yet",
                        done.stored().revision());
            }
            return result;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof StoreException known
                    ? known
                    : new StoreUnavailableException("write of " + write.key() + ": " + e.getCause(), e);
        } catch (TimeoutException e) {
            boolean withdrawn = withdraw(write);
            throw new StoreUnavailableException(
                    "write of " + write.key() + ": no commit within " + writeTimeout
                            + (withdrawn ? "; nothing was written" : "; whether it was written is unknown"),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("write of " + write.key() + ": interrupted; it may be written", e);
        }
    }

    boolean running() {
        return thread.isAlive();
    }

    void measure(Metrics into) {
        lock.lock();
        try {
            into.limit("store_write_queue", queue.size(), MAX_QUEUE);
            into.limit("store_write_queue_bytes", queuedBytes, MAX_QUEUE_BYTES);
        } finally {
            lock.unlock();
        }
        into.limit("store_write_group", largestGroup.getThenReset(), MAX_GROUP);
        into.counter("selvage_store_groups_total", "groups of writes committed", groups.sum());
        into.counter("selvage_store_writes_total", "writes committed", writes.sum());
        into.counter("selvage_store_refused_total", "writes refused since the queue was full", refused.sum());
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void enqueue(Write write) {
        lock.lock();
        try {
            if (closed) {
                throw new StoreUnavailableException("the store is closed; nothing was written");
            }
            if (queue.size() >= MAX_QUEUE || queuedBytes + write.size() > MAX_QUEUE_BYTES) {
                refused.increment();
                throw new StoreUnavailableException("too many writes are waiting; nothing was written");
            }
            queue.addLast(write);
            queuedBytes += write.size();
            if (queue.size() >= wanted) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality") // this write, and no other of the same content
    private boolean withdraw(Write write) {
        lock.lock();
        try {
            boolean withdrawn = queue.removeIf(queued -> queued == write);
            queuedBytes -= withdrawn ? write.size() : 0;
            return withdrawn;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        List<Write> group = nextGroup();
        while (!group.isEmpty()) {
            commit(group);
            group = nextGroup();
        }
    }

    /** Waits for writes; empty when closed and done. */
    private List<Write> nextGroup() {
        lock.lock();
        try {
            gather();
            while (queue.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            List<Write> group = new ArrayList<>();
            Set<ObjectKey> keys = new HashSet<>();
            long bytes = 0;
            Iterator<Write> waiting = queue.iterator();
            while (waiting.hasNext() && group.size() < MAX_GROUP && bytes < MAX_GROUP_BYTES) {
                Write write = waiting.next();
                if (keys.add(write.key())) {
                    waiting.remove();
                    queuedBytes -= write.size();
                    bytes += write.size();
                    group.add(write);
                }
            }
            return group;
        } finally {
            lock.unlock();
        }
    }

    /** Waits a moment for those who just got their answers, and are likely to write again. */
    private void gather() {
        long left = gathering.nanosLeft();
        wanted = gathering.expected();
        while (queue.size() < wanted && left > 0 && !closed) {
            try {
                left = changed.awaitNanos(left);
            } catch (InterruptedException e) {
                left = 0; // nobody interrupts this thread
            }
        }
        wanted = 1;
    }

    private void commit(List<Write> group) {
        long begun = System.nanoTime();
        try {
            largestGroup.accumulate(group.size());
            GroupTransaction.Committed committed = transaction.commit(group);
            gathering.committed(group.size(), queued(), System.nanoTime() - begun);
            deliver(group, committed);
            groups.increment();
            writes.add(group.size());
        } catch (GroupTransaction.NotCommitted e) {
            if (e.poison() && group.size() > 1) {
                // one write that the database refuses must not take the others with it
                group.forEach(write -> commit(List.of(write)));
            } else {
                fail(
                        group,
                        e.poison()
                                ? new StoreException("the database refuses the write: " + e.getMessage(), e)
                                : new StoreUnavailableException("nothing was written: " + e.getMessage(), e));
            }
        } catch (SQLException e) {
            fail(group, new StoreUnavailableException("whether it was written is unknown: " + e.getMessage(), e));
        } catch (RuntimeException | Error e) { // out of memory once must not end all writing
            LOG.error("a group of {} writes failed", group.size(), e);
            fail(group, new StoreException("write failed: " + e, e));
        }
    }

    private void deliver(List<Write> group, GroupTransaction.Committed committed) {
        if (!committed.changes().isEmpty()) {
            // when another process' revisions come between, the follower brings all in order
            boolean _ = cache.apply(committed.changes());
        }
        group.forEach(write -> write.result().complete(committed.results().get(write.key())));
    }

    private int queued() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    private static void fail(List<Write> group, RuntimeException why) {
        for (Write write : group) {
            CompletableFuture<Write.Result> result = write.result();
            result.completeExceptionally(why);
        }
    }
}
