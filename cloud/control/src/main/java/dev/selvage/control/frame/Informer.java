package dev.selvage.control.frame;

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
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All objects of one kind as they last were, kept by list and watch. When a watch expires the kind is listed again and
 * the difference is told as changes, so that listeners never need to know. Holds the store's bytes, not trees.
 */
public final class Informer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Informer.class);
    private static final int PAGE = 500;
    private static final Duration WAIT = Duration.ofSeconds(1);

    private final Resources resources;
    private final Selection selection;
    private final ConcurrentSkipListMap<ObjectKey, Stored> cache = new ConcurrentSkipListMap<>();
    private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
    private final CountDownLatch synced = new CountDownLatch(1);
    private final Thread thread;
    private long seen;
    private volatile boolean closed;

    public Informer(Resources resources, Kind kind) {
        this.resources = resources;
        this.selection = Selection.all(kind);
        this.thread = Thread.ofVirtual().name("informer-" + kind.id()).unstarted(this::run);
    }

    /** To be called before {@link #start}; called on the informer's thread, so it must be short. */
    public void listen(Consumer<Change> listener) {
        listeners.add(listener);
    }

    public void start() {
        thread.start();
    }

    public boolean awaitSync(Duration timeout) throws InterruptedException {
        return synced.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    public Optional<Stored> get(ObjectKey key) {
        return Optional.ofNullable(cache.get(key));
    }

    public Collection<Stored> all() {
        return cache.values();
    }

    public Collection<Stored> inNamespace(String namespace) {
        ObjectKey from = new ObjectKey(selection.resource(), namespace, "");
        ObjectKey to = new ObjectKey(selection.resource(), namespace + '\0', "");
        return cache.subMap(from, to).values();
    }

    /** Takes the outcome of an own write, so that it is seen before the watch tells of it. */
    public void observe(Stored stored) {
        synchronized (cache) {
            if (stored.revision() > seen) {
                put(stored);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    /** Tells of every object again, as if it had changed. */
    public void resync() {
        synchronized (cache) {
            cache.values().forEach(stored -> tell(new Change(stored.key(), stored, stored)));
        }
    }

    private void run() {
        int failures = 0;
        while (!closed) {
            try {
                long revision = list();
                synced.countDown();
                failures = 0;
                follow(revision);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                failures++;
                LOG.warn("cannot follow {} (attempt {}): {}", selection.resource(), failures, e.toString());
                try {
                    Thread.sleep(Backoff.DEFAULT.after(failures));
                } catch (InterruptedException interrupted) {
                    return;
                }
            }
        }
    }

    private long list() {
        Map<ObjectKey, Stored> found = new HashMap<>();
        @Nullable String token = null;
        Page page;
        do {
            page = resources.list(selection, PAGE, token);
            page.items().forEach(stored -> found.put(stored.key(), stored));
            token = page.continueToken();
        } while (token != null);
        synchronized (cache) {
            for (Stored old : new ArrayList<>(cache.values())) {
                if (!found.containsKey(old.key()) && old.revision() <= page.revision()) {
                    remove(old.key());
                }
            }
            found.values().forEach(this::put);
            seen = page.revision();
        }
        return page.revision();
    }

    private void follow(long revision) throws InterruptedException {
        try (WatchStream watch = resources.watch(selection, revision)) {
            while (!closed) {
                if (!step(watch)) {
                    LOG.info("watch of {} expired, listing again", selection.resource());
                    return;
                }
            }
        }
    }

    /** Takes one event; false when the watch has ended. A database that does not answer is waited for. */
    private boolean step(WatchStream watch) throws InterruptedException {
        try {
            return apply(watch.next(WAIT));
        } catch (StoreUnavailableException e) {
            LOG.warn("cannot follow {} now: {}", selection.resource(), e.toString());
            Thread.sleep(WAIT);
            return true;
        }
    }

    private boolean apply(WatchEvent event) {
        synchronized (cache) {
            switch (event) {
                case WatchEvent.Added(Stored stored) -> see(stored);
                case WatchEvent.Modified(Stored stored) -> see(stored);
                case WatchEvent.Deleted(Stored stored) -> {
                    seen = Math.max(seen, stored.revision());
                    remove(stored.key());
                }
                case WatchEvent.Bookmark(long at) -> seen = Math.max(seen, at);
                case WatchEvent.Expired _ -> {
                    return false;
                }
            }
            return true;
        }
    }

    private void see(Stored stored) {
        seen = Math.max(seen, stored.revision());
        put(stored);
    }

    private void put(Stored stored) {
        Stored before = cache.get(stored.key());
        if (before != null && before.revision() >= stored.revision()) {
            return;
        }
        cache.put(stored.key(), stored);
        tell(new Change(stored.key(), before, stored));
    }

    private void remove(ObjectKey key) {
        Stored before = cache.remove(key);
        if (before != null) {
            tell(new Change(key, before, null));
        }
    }

    private void tell(Change change) {
        for (Consumer<Change> listener : listeners) {
            try {
                listener.accept(change);
            } catch (RuntimeException e) {
                LOG.error("a listener failed on {}", change.key(), e);
            }
        }
    }
}
