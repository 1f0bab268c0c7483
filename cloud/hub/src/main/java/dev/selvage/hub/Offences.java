package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.link.Event;
import dev.selvage.model.Kinds;
import dev.selvage.model.Metrics;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names the nodes that misbehave: a Warning Event on the Node and a line in the log, at most one a minute for each node and offence, and counts for the metrics. A node
 * whose connection was ended for it has to stay away for a while, which doubles each time.
 */
final class Offences implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Offences.class);
    private static final int WAITING = 256;

    private final Resources resources;
    private final LongSupplier nanoTime;
    private final Map<String, Conduct> nodes = new ConcurrentHashMap<>();
    private final Map<Offence, Long> counts = new ConcurrentHashMap<>();
    private final BlockingQueue<Named> toTell = new ArrayBlockingQueue<>(WAITING);
    private final Thread teller = Thread.ofVirtual().name("hub-offences").unstarted(this::tell);

    private record Named(String node, Offence offence, String detail, long count) {}

    Offences(Resources resources) {
        this(resources, System::nanoTime);
    }

    Offences(Resources resources, LongSupplier nanoTime) {
        this.resources = resources;
        this.nanoTime = nanoTime;
    }

    void start() {
        teller.start();
    }

    /** The node's connection ends for this. */
    void caught(String node, Offence offence, String detail) {
        Conduct conduct = conduct(node);
        conduct.strike();
        name(node, offence, detail, conduct.caught(offence));
    }

    /** The connection goes on, what it did was bounded. */
    void noted(String node, Offence offence, String detail) {
        name(node, offence, detail, conduct(node).caught(offence));
    }

    /** An honest node may do this now and then, as when an object changes under it; not {@link Conduct#SUSPICIOUS} times within a minute. */
    void suspect(String node, Offence offence, String detail) {
        name(node, offence, detail, conduct(node).suspected(offence));
    }

    /** How long the node has to stay away still; zero: not at all. */
    Duration barred(String node) {
        Conduct conduct = nodes.get(node);
        return conduct == null ? Duration.ZERO : conduct.barred();
    }

    /** How often, by reason. */
    Map<String, Long> counts() {
        Map<String, Long> byReason = new TreeMap<>();
        for (Offence offence : Offence.values()) {
            byReason.put(offence.reason(), counts.getOrDefault(offence, 0L));
        }
        return byReason;
    }

    void measure(Metrics into) {
        counts().forEach((reason, count) -> into.counter(
                "selvage_hub_offences_total",
                "how often nodes did what no honest agent does",
                count,
                "reason",
                reason));
        into.gauge("selvage_hub_nodes_barred", "nodes that have to stay away for it now", barredNodes());
    }

    private long barredNodes() {
        return nodes.values().stream()
                .filter(conduct -> conduct.barred().isPositive())
                .count();
    }

    private Conduct conduct(String node) {
        if (nodes.size() > 1_000) {
            nodes.values().removeIf(Conduct::forgotten);
        }
        return nodes.computeIfAbsent(node, n -> new Conduct(nanoTime));
    }

    private void name(String node, Offence offence, String detail, long count) {
        counts.merge(offence, 1L, Long::sum);
        if (count > 0) {
            LOG.warn("node {} {}, {} time(s); the latest: {}", node, offence.words(), count, detail);
            if (!toTell.offer(new Named(node, offence, detail, count))) {
                LOG.warn("event {} about node {} dropped: {} wait already", offence.reason(), node, WAITING);
            }
        }
    }

    private void tell() {
        while (true) {
            try {
                store(toTell.take());
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("an event about a misbehaving node was not stored: {}", e.getMessage());
            }
        }
    }

    private void store(Named named) {
        var node = resources.get(ObjectKey.cluster(Kinds.NODE, named.node())).map(Stored::parse);
        node.ifPresent(object -> store(named, object));
    }

    private void store(Named named, ObjectNode node) {
        NodeEvents.store(
                resources,
                "selvage-hub",
                named.node(),
                node,
                Event.newBuilder()
                        .setWarning(true)
                        .setReason(named.offence().reason())
                        .setMessage("the node " + named.offence().words() + ": " + named.detail())
                        .setAtMillis(System.currentTimeMillis())
                        .setCount((int) Math.min(Integer.MAX_VALUE, named.count()))
                        .build());
    }

    @Override
    public void close() {
        teller.interrupt();
    }
}
