package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.link.Event;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Makes Events of what a node saw. Equal ones are one Event with a count; beyond its rate a node's events are dropped and counted. */
final class EventWriter {
    private final String node;
    private final Resources resources;
    private final RateLimit rate;
    private final Offences offences;
    private final AtomicLong dropped = new AtomicLong();

    EventWriter(String node, Resources resources, int perSecond, Offences offences) {
        this.node = node;
        this.resources = resources;
        this.offences = offences;
        this.rate = new RateLimit(perSecond);
    }

    /** Why the event is refused; one beyond the rate is dropped, which is no refusal. */
    Optional<String> write(ObjectKey key, String uid, Event event, Ownership ownership) {
        if (!rate.tryTake()) {
            offences.suspect(
                    node,
                    Offence.FLOOD,
                    "events faster than they are taken, " + dropped.incrementAndGet() + " dropped so far");
            return Optional.empty();
        }
        Optional<Stored> about = resources.get(key);
        if (about.isEmpty()) {
            // The object ended before its last event came: nobody asks for it any more.
            return Optional.empty();
        }
        ObjectNode object = about.get().parse();
        Optional<String> objection = ownership.objection(key, uid, object);
        if (objection.isEmpty()) {
            NodeEvents.store(resources, "selvage-agent", node, object, event);
        }
        return objection;
    }
}
