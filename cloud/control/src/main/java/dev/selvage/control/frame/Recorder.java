package dev.selvage.control.frame;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Outcome;
import dev.selvage.store.Stored;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Events (upstream core/v1), one per object and reason: repetitions raise its count, at first after 10 s and then
 * twice as far apart up to ten minutes. Beyond {@value #BURST} at once and {@value #PER_SECOND} a second events are
 * dropped and counted: they inform, nothing depends on them.
 */
public final class Recorder {
    static final int BURST = 200;
    static final int PER_SECOND = 20;
    private static final int REMEMBERED = 4096;
    private static final Duration FIRST_GAP = Duration.ofSeconds(10);
    private static final Duration LAST_GAP = Duration.ofMinutes(10);
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    private final Writer writer;
    private final Clock clock;
    private final String component;
    private final LinkedHashMap<Topic, Series> series = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Topic, Series> eldest) {
            return size() > REMEMBERED;
        }
    };
    private double tokens = BURST;
    private Instant filled;
    private long dropped;

    private record Topic(String uid, String reason) {}

    /** @param uid of the Event; "" until it is known to be stored */
    private record Series(ObjectKey event, String uid, int unwritten, Instant written, Duration gap) {
        Series counted() {
            return new Series(event, uid, unwritten + 1, written, gap);
        }

        Series writtenAt(Instant now) {
            Duration twice = gap.multipliedBy(2);
            return new Series(event, uid, 0, now, twice.compareTo(LAST_GAP) < 0 ? twice : LAST_GAP);
        }

        Series stored(Stored stored) {
            return new Series(stored.key(), stored.uid(), unwritten, written, gap);
        }
    }

    private sealed interface Step {
        record Create(ObjectNode event) implements Step {}

        record Repeat(ObjectKey event, String uid, int more) implements Step {}

        record Count() implements Step {}
    }

    public enum Type {
        NORMAL("Normal"),
        WARNING("Warning");

        private final String text;

        Type(String text) {
            this.text = text;
        }
    }

    public Recorder(Writer writer, Clock clock, String component) {
        this.writer = writer;
        this.clock = clock;
        this.component = component;
        this.filled = clock.instant();
    }

    /** Tells of an object; never fails, and waits for one write at most. */
    public void record(ObjectNode about, Type type, String reason, String message) {
        Instant now = clock.instant();
        Topic topic = new Topic(Meta.uid(about), reason);
        try {
            switch (step(about, type, reason, message, topic, now)) {
                case Step.Create(ObjectNode event) -> create(event, message, topic, now);
                case Step.Repeat(ObjectKey event, String uid, int more) ->
                    repeat(event, uid, more, message, topic, now);
                case Step.Count() -> LOG.trace("counted {} of {}", reason, topic.uid());
            }
        } catch (NotLeaderException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.warn("cannot write event {} of {}: {}", reason, Meta.name(about), e.toString());
            forget(topic);
        }
    }

    public synchronized long dropped() {
        return dropped;
    }

    /** Decides under the lock; the write itself happens outside of it. */
    private synchronized Step step(
            ObjectNode about, Type type, String reason, String message, Topic topic, Instant now) {
        Series known = series.get(topic);
        if (known != null
                && (known.uid.isEmpty() || Duration.between(known.written, now).compareTo(known.gap) < 0)) {
            series.put(topic, known.counted());
            return new Step.Count();
        }
        if (!allowed(now)) {
            return new Step.Count();
        }
        if (known == null) {
            ObjectNode event = event(about, type, reason, message, now);
            series.put(topic, new Series(ObjectKey.of(event), "", 0, now, FIRST_GAP));
            return new Step.Create(event);
        }
        series.put(topic, known.writtenAt(now));
        return new Step.Repeat(known.event, known.uid, known.unwritten + 1);
    }

    private void create(ObjectNode event, String message, Topic topic, Instant now) {
        switch (writer.create(event)) {
            case Outcome.Committed(Stored stored) -> stored(topic, stored);
            case Outcome.AlreadyExists(Stored stored) -> {
                stored(topic, stored);
                repeat(stored.key(), stored.uid(), 1, message, topic, now);
            }
            default -> forget(topic);
        }
    }

    private void repeat(ObjectKey key, String uid, int more, String message, Topic topic, Instant now) {
        Outcome outcome = writer.mutate(key, uid, event -> {
            event.put("count", event.path("count").asInt(1) + more);
            event.put("lastTimestamp", now.truncatedTo(ChronoUnit.SECONDS).toString());
            event.put("message", message);
            return true;
        });
        if (!(outcome instanceof Outcome.Committed)) {
            forget(topic);
        }
    }

    private synchronized void stored(Topic topic, Stored stored) {
        series.computeIfPresent(topic, (key, known) -> known.stored(stored));
    }

    private synchronized void forget(Topic topic) {
        series.remove(topic);
    }

    private boolean allowed(Instant now) {
        double seconds = Math.max(0, Duration.between(filled, now).toMillis() / 1000.0);
        tokens = Math.min(BURST, tokens + seconds * PER_SECOND);
        filled = now;
        if (tokens < 1) {
            dropped++;
            return false;
        }
        tokens--;
        return true;
    }

    /** The same for the same object and reason, so that the next leader goes on with the same Event. */
    private String name(ObjectNode about, String reason) {
        String topic = component + '/' + Meta.uid(about) + '/' + reason;
        UUID hash = UUID.nameUUIDFromBytes(topic.getBytes(StandardCharsets.UTF_8));
        String object = Meta.name(about);
        return object.substring(0, Math.min(object.length(), 200)) + "."
                + Long.toHexString(hash.getMostSignificantBits());
    }

    private ObjectNode event(ObjectNode about, Type type, String reason, String message, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        String namespace = Meta.namespace(about).isEmpty() ? "default" : Meta.namespace(about);
        Kind kind = Kinds.EVENT;
        ObjectNode event = Json.object().put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        Meta.of(event).put("namespace", namespace).put("name", name(about, reason));
        ObjectNode involved = event.putObject("involvedObject")
                .put("apiVersion", Json.textAt(about, "apiVersion"))
                .put("kind", Json.textAt(about, "kind"))
                .put("name", Meta.name(about))
                .put("uid", Meta.uid(about))
                .put("resourceVersion", Meta.resourceVersion(about));
        if (!Meta.namespace(about).isEmpty()) {
            involved.put("namespace", Meta.namespace(about));
        }
        event.put("reason", reason).put("message", message).put("type", type.text);
        event.put("firstTimestamp", time).put("lastTimestamp", time).put("count", 1);
        event.putObject("source").put("component", component);
        event.put("reportingComponent", component).put("reportingInstance", component);
        return event;
    }
}
