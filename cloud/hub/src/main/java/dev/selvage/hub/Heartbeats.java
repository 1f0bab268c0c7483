package dev.selvage.hub;

import dev.selvage.store.Leases;
import dev.selvage.store.StoreUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes signs of life in batches, each second at most; learns which sessions have a later one elsewhere. */
final class Heartbeats implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final Leases leases;
    private final BiConsumer<String, Long> superseded;
    private final Map<String, Long> heard = new ConcurrentHashMap<>();
    private final Thread writer = Thread.ofVirtual().name("hub-heartbeats").unstarted(this::writeForEver);

    /** @param superseded hears node and epoch of a session that is not the latest any more */
    Heartbeats(Leases leases, BiConsumer<String, Long> superseded) {
        this.leases = leases;
        this.superseded = superseded;
    }

    void start() {
        writer.start();
    }

    void heard(String node, long epoch) {
        heard.merge(node, epoch, Math::max);
    }

    private void writeForEver() {
        try {
            while (true) {
                Thread.sleep(EVERY);
                write();
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void write() {
        Map<String, Long> batch = Map.copyOf(heard);
        if (batch.isEmpty()) {
            return;
        }
        batch.forEach(heard::remove);
        try {
            Set<String> lost = leases.renew(batch);
            lost.forEach(node -> superseded.accept(node, batch.getOrDefault(node, 0L)));
        } catch (StoreUnavailableException e) {
            LOG.warn("heartbeats of {} nodes wait for the store: {}", batch.size(), e.getMessage());
            batch.forEach(this::heard);
        } catch (RuntimeException e) {
            LOG.error("heartbeats of {} nodes could not be written", batch.size(), e);
        }
    }

    @Override
    public void close() {
        writer.interrupt();
    }
}
