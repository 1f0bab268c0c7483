package dev.selvage.hub;

import dev.selvage.model.Kinds;
import dev.selvage.model.NodeRequest;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.StoreUnavailableException;
import dev.selvage.store.Stored;
import dev.selvage.store.WatchEvent;
import dev.selvage.store.WatchStream;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a node's session when a request about the node was decided, changed or removed. */
final class Decisions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Decisions.class);
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Resources resources;
    private final Sessions sessions;
    private final Thread watcher = Thread.ofVirtual().name("hub-decisions").unstarted(this::follow);
    private volatile boolean closed;

    Decisions(Resources resources, Sessions sessions) {
        this.resources = resources;
        this.sessions = sessions;
    }

    void start() {
        watcher.start();
    }

    private void follow() {
        while (!closed) {
            var page = resources.list(Selection.all(Kinds.NODE_REQUEST), 0, null);
            sessions.changed(sessions.nodes());
            try (WatchStream watch = resources.watch(Selection.all(Kinds.NODE_REQUEST), page.revision())) {
                read(watch);
            } catch (InterruptedException e) {
                return;
            } catch (StoreUnavailableException e) {
                LOG.warn("decisions about nodes wait for the store: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("the watch of node requests failed and begins anew", e);
            } catch (Exception e) {
                LOG.warn("the watch of node requests did not close: {}", e.toString());
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void read(WatchStream watch) throws InterruptedException {
        while (!closed) {
            switch (watch.next(WAIT)) {
                case WatchEvent.Added(Stored request) -> changed(request);
                case WatchEvent.Modified(Stored request) -> changed(request);
                case WatchEvent.Deleted(Stored request) -> changed(request);
                case WatchEvent.Bookmark _ -> {}
                case WatchEvent.Expired _ -> {
                    return;
                }
            }
        }
    }

    private void changed(Stored request) {
        sessions.changed(Set.of(NodeRequest.of(request.parse()).nodeName()));
    }

    @Override
    public void close() {
        closed = true;
        watcher.interrupt();
    }
}
