package dev.selvage.hub;

import dev.selvage.model.NodeRequest;
import dev.selvage.store.Stored;
import dev.selvage.store.WatchEvent;
import java.util.List;
import java.util.Set;

/** Tells a node's session when a request about the node was decided, changed or removed. */
final class Decisions implements Follower.Handler {
    private final Sessions sessions;

    Decisions(Sessions sessions) {
        this.sessions = sessions;
    }

    @Override
    public void listed(List<Stored> all) {
        sessions.changed(sessions.nodes());
    }

    @Override
    public void changed(WatchEvent event) {
        switch (event) {
            case WatchEvent.Added(Stored request) -> changed(request);
            case WatchEvent.Modified(Stored request) -> changed(request);
            case WatchEvent.Deleted(Stored request) -> changed(request);
            case WatchEvent.Bookmark _, WatchEvent.Expired _ -> {}
        }
    }

    private void changed(Stored request) {
        sessions.changed(Set.of(NodeRequest.of(request.parse()).nodeName()));
    }
}
