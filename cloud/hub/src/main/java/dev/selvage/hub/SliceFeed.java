package dev.selvage.hub;

import dev.selvage.model.Kind;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Page;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.StoreUnavailableException;
import dev.selvage.store.Stored;
import dev.selvage.store.WatchEvent;
import dev.selvage.store.WatchStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the store: one watch per kind of the slice. Knows up to which revision all of them have come. */
final class SliceFeed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SliceFeed.class);
    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private static final long NOT_LISTED = -1;

    private final Resources resources;
    private final SliceIndex index;
    private final Consumer<Set<String>> affected;
    private final Map<String, Position> positions = new ConcurrentHashMap<>();
    /**
     * How far a kind is in the index.
     *
     * @param seen no change of the kind in the index is of a later revision; ahead of {@code revision} while the index changes
     */
    private record Position(String incarnation, long revision, long seen) {}

    private static final Position NOWHERE = new Position("", NOT_LISTED, NOT_LISTED);

    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition advanced = lock.newCondition();
    private volatile boolean closed;

    /** @param affected hears which nodes' slices may differ */
    SliceFeed(Resources resources, SliceIndex index, Consumer<Set<String>> affected) {
        this.resources = resources;
        this.index = index;
        this.affected = affected;
    }

    void start() {
        for (Kind kind : SliceIndex.KINDS) {
            positions.put(kind.id(), NOWHERE);
            threads.add(Thread.ofVirtual().name("hub-watch-" + kind.plural()).start(() -> follow(kind)));
        }
    }

    private void follow(Kind kind) {
        while (!closed) {
            try (WatchStream watch = resources.watch(Selection.all(kind), list(kind))) {
                read(kind, watch);
            } catch (InterruptedException e) {
                return;
            } catch (StoreUnavailableException e) {
                LOG.warn("the hub's watch of {} waits for the store: {}", kind.plural(), e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("the hub's watch of {} failed and begins anew", kind.plural(), e);
            } catch (Exception e) {
                LOG.warn("the hub's watch of {} did not close: {}", kind.plural(), e.toString());
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private long list(Kind kind) {
        String incarnation;
        Page page;
        do {
            incarnation = resources.incarnation();
            page = resources.list(Selection.all(kind), 0, null);
        } while (!incarnation.equals(resources.incarnation()));
        if (!position(kind).incarnation().equals(incarnation)) {
            // before the index changes: no session of the old incarnation may take what is missing now for deleted
            positions.put(kind.id(), NOWHERE);
        }
        saw(kind, page.revision());
        Set<ObjectKey> gone = index.keys(kind.id());
        Set<String> nodes = new HashSet<>();
        for (Stored stored : page.items()) {
            gone.remove(stored.key());
            nodes.addAll(index.put(stored));
        }
        gone.forEach(key -> nodes.addAll(index.remove(key)));
        positions.put(kind.id(), new Position(incarnation, page.revision(), page.revision()));
        reached(kind, page.revision(), nodes);
        return page.revision();
    }

    private void read(Kind kind, WatchStream watch) throws InterruptedException {
        while (!closed) {
            switch (watch.next(WAIT)) {
                case WatchEvent.Added(Stored stored) -> put(kind, stored);
                case WatchEvent.Modified(Stored stored) -> put(kind, stored);
                case WatchEvent.Deleted(Stored stored) -> {
                    saw(kind, stored.revision());
                    reached(kind, stored.revision(), index.remove(stored.key()));
                }
                case WatchEvent.Bookmark(long revision) -> reached(kind, revision, Set.of());
                case WatchEvent.Expired(String reason) -> {
                    LOG.info("the hub's watch of {} lists anew: {}", kind.plural(), reason);
                    return;
                }
            }
        }
    }

    private void put(Kind kind, Stored stored) {
        saw(kind, stored.revision());
        reached(kind, stored.revision(), index.put(stored));
    }

    /** Before the index has it. */
    private void saw(Kind kind, long revision) {
        positions.computeIfPresent(
                kind.id(), (_, at) -> new Position(at.incarnation(), at.revision(), Math.max(at.seen(), revision)));
    }

    private void reached(Kind kind, long revision, Set<String> nodes) {
        positions.computeIfPresent(
                kind.id(),
                (_, at) -> new Position(
                        at.incarnation(), Math.max(at.revision(), revision), Math.max(at.seen(), revision)));
        lock.lock();
        try {
            advanced.signalAll();
        } finally {
            lock.unlock();
        }
        if (!nodes.isEmpty()) {
            affected.accept(nodes);
        }
    }

    private Position position(Kind kind) {
        return positions.getOrDefault(kind.id(), NOWHERE);
    }

    /** No change in the index is of a later revision of the incarnation than this, if asked after the index was. */
    long highest(String incarnation) {
        return positions.values().stream()
                .mapToLong(at -> at.incarnation().equals(incarnation) ? at.seen() : NOT_LISTED)
                .max()
                .orElse(NOT_LISTED);
    }

    /** All kinds are in the index up to this revision of the incarnation; -1 until each was listed under it. */
    long revision(String incarnation) {
        return positions.values().stream()
                .mapToLong(at -> at.incarnation().equals(incarnation) ? at.revision() : NOT_LISTED)
                .min()
                .orElse(NOT_LISTED);
    }

    /** Waits until the index has come to {@code revision} of the incarnation; false when it has not in time. */
    boolean await(String incarnation, long revision, Duration wait) throws InterruptedException {
        lock.lock();
        try {
            long left = wait.toNanos();
            while (revision(incarnation) < revision) {
                if (left <= 0) {
                    return false;
                }
                left = advanced.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
