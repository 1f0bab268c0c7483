package dev.selvage.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A watch: a position among the changes of one resource. It begins in the change log when its revision is older than the ring, and goes over to the
 * ring for good as soon as that has what follows.
 */
final class CacheWatch implements WatchStream {
    private static final int BATCH = 128;
    private static final int LOG_PAGE = 500;

    private final Selection selection;
    private final WatchCache cache;
    private final ChangeRing ring;
    private final Database database;
    private final Deque<WatchEvent> pending = new ArrayDeque<>();
    private long position;
    private boolean inLog = true;
    private volatile @Nullable String ended;

    CacheWatch(Selection selection, long fromRevision, WatchCache cache, Database database) {
        this.selection = selection;
        this.position = fromRevision;
        this.cache = cache;
        this.ring = cache.ring(selection.resource());
        this.database = database;
    }

    @Override
    public WatchEvent next(Duration wait) throws InterruptedException {
        long deadline = System.nanoTime() + wait.toNanos();
        while (true) {
            @Nullable String reason = ended;
            if (reason != null) {
                return new WatchEvent.Expired(reason);
            }
            @Nullable WatchEvent event = pending.poll();
            if (event != null) {
                return event;
            }
            if (!advance()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return new WatchEvent.Bookmark(position);
                }
                ring.await(position, Duration.ofNanos(left), () -> ended != null);
            }
        }
    }

    @Override
    public void close() {
        end("the watch is closed");
        ring.wake();
    }

    /** Moves on, by a page or a batch; false when there is nothing to be read now. */
    private boolean advance() {
        long seen = cache.snapshot().revision();
        Optional<List<Change>> changes = ring.after(position, BATCH);
        if (changes.isEmpty()) {
            leaveRing();
            return true;
        }
        inLog = false;
        if (changes.get().isEmpty()) {
            // the ring was filled before the snapshot said `seen`
            position = Math.max(position, seen);
            return false;
        }
        take(changes.get());
        return true;
    }

    private void leaveRing() {
        if (ring.ended()) {
            end("the store was loaded anew; list again");
        } else if (inLog) {
            readLog();
        } else {
            end("too slow: the changes after revision " + position + " are no longer kept for watchers");
        }
    }

    private void readLog() {
        long upTo = ring.floor();
        Optional<List<Change>> page = database.call(
                "reading the change log",
                connection -> ChangeLog.page(connection, selection.resource(), position, upTo, LOG_PAGE));
        if (page.isEmpty()) {
            end("too old resource version: " + position + " is compacted");
            return;
        }
        take(page.get());
        if (page.get().size() < LOG_PAGE) {
            position = upTo;
        }
    }

    private void take(List<Change> changes) {
        for (Change change : changes) {
            change.seenBy(selection).ifPresent(pending::add);
            position = change.revision();
        }
    }

    private void end(String reason) {
        if (ended == null) {
            ended = reason;
        }
    }
}
