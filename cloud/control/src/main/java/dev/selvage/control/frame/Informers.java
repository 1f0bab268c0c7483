package dev.selvage.control.frame;

import dev.selvage.model.Kind;
import dev.selvage.store.Resources;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** One informer per kind, shared by all controllers. */
public final class Informers implements AutoCloseable {
    private final Map<String, Informer> informers = new LinkedHashMap<>();

    public Informers(Resources resources, Collection<Kind> kinds) {
        kinds.forEach(kind -> informers.put(kind.id(), new Informer(resources, kind)));
    }

    Optional<Informer> find(Kind kind) {
        return Optional.ofNullable(informers.get(kind.id()));
    }

    /** @throws IllegalArgumentException for a kind that is not followed */
    public Informer of(Kind kind) {
        Informer informer = informers.get(kind.id());
        if (informer == null) {
            throw new IllegalArgumentException("kind " + kind.kind() + " is not followed");
        }
        return informer;
    }

    public Collection<Informer> all() {
        return informers.values();
    }

    public void start() {
        informers.values().forEach(Informer::start);
    }

    /** Waits until each kind has been listed once. */
    public boolean awaitSync(Duration timeout) throws InterruptedException {
        long until = System.nanoTime() + timeout.toNanos();
        for (Informer informer : informers.values()) {
            if (!informer.awaitSync(Duration.ofNanos(Math.max(0, until - System.nanoTime())))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        informers.values().forEach(Informer::close);
    }
}
