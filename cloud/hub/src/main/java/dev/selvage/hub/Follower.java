package dev.selvage.hub;

import dev.selvage.model.Kind;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.StoreUnavailableException;
import dev.selvage.store.Stored;
import dev.selvage.store.WatchEvent;
import dev.selvage.store.WatchStream;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows all objects of a kind until closed: a list, and then each change. Whatever fails, it begins anew with a list. */
final class Follower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Resources resources;
    private final Kind kind;
    private final Handler handler;
    private final Thread watcher;
    private volatile boolean closed;

    /** Called by one thread; an exception ends the watch, and the next list makes up for it. */
    interface Handler {
        void listed(List<Stored> all);

        /** Added, modified or deleted. */
        void changed(WatchEvent event);
    }

    Follower(Resources resources, Kind kind, Handler handler) {
        this.resources = resources;
        this.kind = kind;
        this.handler = handler;
        this.watcher = Thread.ofVirtual().name("hub-follow-" + kind.plural()).unstarted(this::follow);
    }

    void start() {
        watcher.start();
    }

    private void follow() {
        while (!closed) {
            try {
                listAndWatch();
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void listAndWatch() throws InterruptedException {
        try {
            var page = resources.list(Selection.all(kind), 0, null);
            handler.listed(page.items());
            try (WatchStream watch = resources.watch(Selection.all(kind), page.revision())) {
                read(watch);
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (StoreUnavailableException e) {
            LOG.warn("the hub's watch of {} waits for the store: {}", kind.plural(), e.getMessage());
        } catch (Exception e) {
            LOG.error("the hub's watch of {} failed and begins anew", kind.plural(), e);
        }
    }

    private void read(WatchStream watch) throws InterruptedException {
        while (!closed) {
            switch (watch.next(WAIT)) {
                case WatchEvent.Bookmark _ -> {}
                case WatchEvent.Expired _ -> {
                    return;
                }
                case WatchEvent.Added added -> handler.changed(added);
                case WatchEvent.Modified modified -> handler.changed(modified);
                case WatchEvent.Deleted deleted -> handler.changed(deleted);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        watcher.interrupt();
    }
}
