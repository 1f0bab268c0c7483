package dev.selvage.control.frame;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Outcome;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
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

    private record Series(ObjectKey event, String uid, String message, int unwritten, Instant written, Duration gap) {}

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

    /** Tells of an object; never fails, and never waits longer than one write. */
    public synchronized void record(ObjectNode about, Type type, String reason, String message) {
        Instant now = clock.instant();
        Topic topic = new Topic(Meta.uid(about), reason);
        Series known = series.get(topic);
        try {
            if (known == null) {
                if (allowed(now)) {
                    start(about, type, reason, message, topic, now);
                }
            } else if (Duration.between(known.written, now).compareTo(known.gap) < 0) {
                series.put(topic, repeat(known, message, known.unwritten + 1, known.written, known.gap));
            } else if (allowed(now)) {
                again(known, message, topic, now);
            }
        } catch (NotLeaderException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.warn("cannot write event {} of {}: {}", reason, Meta.name(about), e.toString());
        }
    }

    public synchronized long dropped() {
        return dropped;
    }

    private void start(ObjectNode about, Type type, String reason, String message, Topic topic, Instant now) {
        ObjectNode event = event(about, type, reason, message, now);
        if (writer.create(event) instanceof Outcome.Committed(Stored stored)) {
            series.put(topic, new Series(stored.key(), stored.uid(), message, 0, now, FIRST_GAP));
        }
    }

    private void again(Series known, String message, Topic topic, Instant now) {
        int more = known.unwritten + 1;
        Outcome outcome = writer.mutate(known.event, known.uid, event -> {
            event.put("count", event.path("count").asInt(1) + more);
            event.put("lastTimestamp", now.truncatedTo(ChronoUnit.SECONDS).toString());
            event.put("message", message);
            return true;
        });
        if (outcome instanceof Outcome.Committed) {
            Duration gap = known.gap.multipliedBy(2);
            series.put(topic, repeat(known, message, 0, now, gap.compareTo(LAST_GAP) < 0 ? gap : LAST_GAP));
        } else {
            series.remove(topic);
        }
    }

    private static Series repeat(Series known, String message, int unwritten, Instant written, Duration gap) {
        return new Series(known.event, known.uid, message, unwritten, written, gap);
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

    private ObjectNode event(ObjectNode about, Type type, String reason, String message, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        String namespace = Meta.namespace(about).isEmpty() ? "default" : Meta.namespace(about);
        Kind kind = Kinds.EVENT;
        ObjectNode event = Json.object().put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        Meta.of(event)
                .put("namespace", namespace)
                .put("name", Meta.name(about) + "." + Long.toHexString(System.nanoTime()));
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
