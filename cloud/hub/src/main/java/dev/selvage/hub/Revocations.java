package dev.selvage.hub;

import dev.selvage.identity.IdentityException;
import dev.selvage.identity.NodeRegistry;
import dev.selvage.model.Kinds;
import dev.selvage.store.Leases;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.StoreUnavailableException;
import dev.selvage.store.Stored;
import dev.selvage.store.WatchEvent;
import dev.selvage.store.WatchStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the session of a node whose Node object is deleted. Later connections are refused by {@link NodeRegistry#check}, whether or not this was seen. */
final class Revocations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Revocations.class);
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Resources resources;
    private final Leases leases;
    private final NodeRegistry registry;
    private final Sessions sessions;
    private final Thread watcher = Thread.ofVirtual().name("hub-revocations").unstarted(this::follow);
    private volatile boolean closed;

    Revocations(Resources resources, Leases leases, NodeRegistry registry, Sessions sessions) {
        this.resources = resources;
        this.leases = leases;
        this.registry = registry;
        this.sessions = sessions;
    }

    void start() {
        watcher.start();
    }

    private void follow() {
        while (!closed) {
            var page = resources.list(Selection.all(Kinds.NODE), 0, null);
            endAllBut(page.items());
            try (WatchStream watch = resources.watch(Selection.all(Kinds.NODE), page.revision())) {
                read(watch);
            } catch (InterruptedException e) {
                return;
            } catch (StoreUnavailableException | IdentityException e) {
                LOG.warn("revocations wait for the store: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("the watch of nodes failed and begins anew", e);
            } catch (Exception e) {
                LOG.warn("the watch of nodes did not close: {}", e.toString());
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
                case WatchEvent.Deleted(Stored node) -> revoke(node);
                case WatchEvent.Expired _ -> {
                    return;
                }
                case WatchEvent.Added _, WatchEvent.Modified _, WatchEvent.Bookmark _ -> {}
            }
        }
    }

    private void endAllBut(List<Stored> nodes) {
        Set<String> known = new HashSet<>();
        nodes.forEach(node -> known.add(node.key().name()));
        for (String linked : sessions.nodes()) {
            if (!known.contains(linked)) {
                end(linked);
            }
        }
    }

    private void revoke(Stored node) {
        String name = node.key().name();
        end(name);
        registry.revoke(name, node.uid());
        leases.remove(List.of(name));
        end(name); // one that began meanwhile, before the row said so
    }

    private void end(String node) {
        sessions.of(node).ifPresent(session -> {
            LOG.warn("node {} is revoked: its Node object was deleted", node);
            session.end("revoked: the Node object was deleted");
        });
    }

    @Override
    public void close() {
        closed = true;
        watcher.interrupt();
    }
}
