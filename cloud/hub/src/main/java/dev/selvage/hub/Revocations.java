package dev.selvage.hub;

import dev.selvage.identity.NodeRegistry;
import dev.selvage.store.Leases;
import dev.selvage.store.Stored;
import dev.selvage.store.WatchEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the session of a node whose Node object is deleted. Later connections are refused by {@link NodeRegistry#check}, whether or not this was seen. */
final class Revocations implements Follower.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(Revocations.class);

    private final Leases leases;
    private final NodeRegistry registry;
    private final Sessions sessions;

    Revocations(Leases leases, NodeRegistry registry, Sessions sessions) {
        this.leases = leases;
        this.registry = registry;
        this.sessions = sessions;
    }

    @Override
    public void listed(List<Stored> nodes) {
        Set<String> known = new HashSet<>();
        nodes.forEach(node -> known.add(node.key().name()));
        for (String linked : sessions.nodes()) {
            if (!known.contains(linked)) {
                end(linked);
            }
        }
    }

    @Override
    public void changed(WatchEvent event) {
        if (event instanceof WatchEvent.Deleted(Stored node)) {
            revoke(node);
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
}
