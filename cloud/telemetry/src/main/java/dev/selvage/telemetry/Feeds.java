package dev.selvage.telemetry;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The live subscriptions of this process. */
final class Feeds {
    private final int capacity;
    private final Set<Feed> open = ConcurrentHashMap.newKeySet();

    Feeds(int capacity) {
        this.capacity = capacity;
    }

    LiveFeed subscribe(SeriesFilter filter) {
        Feed feed = new Feed(filter);
        open.add(feed);
        return feed;
    }

    boolean none() {
        return open.isEmpty();
    }

    void publish(List<Point> points) {
        open.forEach(feed -> feed.offer(points));
    }

    /** Points that the slowest reader has before it. */
    int fullest() {
        return open.stream().mapToInt(Feed::waiting).max().orElse(0);
    }

    /** Points went by unseen: how many is not known, at least one. */
    void lost() {
        open.forEach(feed -> feed.lose(1));
    }

    void close() {
        open.forEach(Feed::close);
    }

    /** At the limit the oldest point goes, and is counted. */
    private final class Feed implements LiveFeed {
        private final SeriesFilter filter;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final Deque<Point> buffer = new ArrayDeque<>();
        private long lost;
        private boolean closed;

        Feed(SeriesFilter filter) {
            this.filter = filter;
        }

        void offer(List<Point> points) {
            lock.lock();
            try {
                for (Point point : points) {
                    if (filter.matches(point.series())) {
                        if (buffer.size() == capacity) {
                            buffer.removeFirst();
                            lost++;
                        }
                        buffer.addLast(point);
                    }
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        int waiting() {
            lock.lock();
            try {
                return buffer.size();
            } finally {
                lock.unlock();
            }
        }

        void lose(long count) {
            lock.lock();
            try {
                lost += count;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public Batch next(Duration wait) throws InterruptedException {
            long left = wait.toNanos();
            lock.lock();
            try {
                while (buffer.isEmpty() && lost == 0 && !closed && left > 0) {
                    left = changed.awaitNanos(left);
                }
                Batch batch = new Batch(new ArrayList<>(buffer), lost, closed);
                buffer.clear();
                lost = 0;
                return batch;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            open.remove(this);
            lock.lock();
            try {
                closed = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
