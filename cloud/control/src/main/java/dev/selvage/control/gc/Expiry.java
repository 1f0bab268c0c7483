package dev.selvage.control.gc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Parallel;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.JoinToken;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Deletes what is old: Events an hour after they last happened (upstream's TTL), JoinTokens a day after they expired.
 * The day lets a late machine be told "expired" rather than "unknown". At most {@value #MOST} of each in one sweep.
 */
public final class Expiry implements Part {
    static final int MOST = 2000;
    private static final Duration SWEEP = Duration.ofMinutes(1);
    private static final Duration EVENTS = Duration.ofHours(1);
    private static final Duration TOKENS = Duration.ofDays(1);
    private static final int WRITES_AT_ONCE = 32;

    private final Informer events;
    private final Informer tokens;
    private final Writer writer;
    private final Clock clock;
    private final Controller<String> controller = new Controller<>("expiry", key -> sweep());
    private final Parallel parallel = new Parallel("expiry", WRITES_AT_ONCE);

    public Expiry(Informers informers, Writer writer, Clock clock) {
        this.events = informers.of(Kinds.EVENT);
        this.tokens = informers.of(Kinds.JOIN_TOKEN);
        this.writer = writer;
        this.clock = clock;
    }

    @Override
    public void start() {
        controller.start();
        controller.enqueue("sweep");
    }

    @Override
    public void close() {
        controller.close();
        parallel.close();
    }

    private Next sweep() throws InterruptedException {
        Instant now = clock.instant();
        delete(events, event -> oldEvent(event, now));
        delete(
                tokens,
                token -> JoinToken.of(token)
                        .expiresAt()
                        .map(end -> end.plus(TOKENS).isBefore(now))
                        .orElse(false));
        return Next.after(SWEEP);
    }

    private void delete(Informer informer, Predicate<ObjectNode> old) throws InterruptedException {
        int count = 0;
        for (Stored stored : informer.all()) {
            if (count < MOST && old.test(stored.parse())) {
                count++;
                parallel.run(() -> writer.delete(stored.key(), DeleteOptions.ofUid(stored.uid())));
            }
        }
    }

    /** A time in the future comes from a clock that is wrong; then the time of creation counts, which is the centre's. */
    static boolean oldEvent(ObjectNode event, Instant now) {
        Instant created = instant(Meta.creationTimestamp(event)).orElse(now);
        Instant last = instant(Json.textAt(event, "lastTimestamp"))
                .or(() -> instant(Json.textAt(event, "eventTime")))
                .filter(time -> !time.isAfter(now))
                .orElse(created);
        Instant latest = last.isAfter(created) ? last : created;
        return latest.plus(EVENTS).isBefore(now);
    }

    private static Optional<Instant> instant(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
