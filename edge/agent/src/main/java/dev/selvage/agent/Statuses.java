package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.LinkSession;
import dev.selvage.session.NodeEvent;
import dev.selvage.session.StatusReport;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the node observes, on its way to the centre. Keeps the last status of each object, since the centre may have judged the node while it was away and must be
 * told everything again (SessionListener.linked). Bounded by the slice: {@link #retain}.
 */
final class Statuses {
    private final Map<ObjectKey, StatusReport> last = new HashMap<>();
    private final Map<ObjectKey, String> gone = new HashMap<>();
    private @Nullable LinkSession link;

    /** From now on reports go to this session. */
    synchronized void attach(LinkSession session) {
        link = session;
        tellAll();
    }

    synchronized void report(ObjectKey key, String uid, ObjectNode status) {
        StatusReport report = new StatusReport(key, uid, status);
        last.put(key, report);
        gone.remove(key);
        if (link != null) {
            link.status(report);
        }
    }

    synchronized void gone(ObjectKey key, String uid) {
        last.remove(key);
        gone.put(key, uid);
        if (link != null) {
            link.podGone(key, uid);
        }
    }

    synchronized void event(ObjectKey key, String uid, String type, String reason, String message) {
        if (link != null) {
            link.event(new NodeEvent(key, uid, type.equals("Warning"), reason, message, Instant.now()));
        }
    }

    /** A session has begun. */
    synchronized void tellAll() {
        if (link == null) {
            return;
        }
        last.values().forEach(link::status);
        gone.forEach(link::podGone);
    }

    /** Forgets what is about objects that the node no longer holds; the Node itself stays. */
    synchronized void retain(Set<ObjectKey> held) {
        last.keySet().removeIf(key -> !key.resource().equals(Kinds.NODE.id()) && !held.contains(key));
        gone.keySet().removeIf(key -> !held.contains(key));
    }
}
