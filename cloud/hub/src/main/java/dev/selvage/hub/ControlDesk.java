package dev.selvage.hub;

import dev.selvage.identity.Machine;
import dev.selvage.identity.NodeRegistry;
import dev.selvage.identity.Peer;
import dev.selvage.link.ComeBack;
import dev.selvage.link.Held;
import dev.selvage.link.Hello;
import dev.selvage.link.HubMessage;
import dev.selvage.model.Admission;
import dev.selvage.model.Metrics;
import dev.selvage.store.Leases;
import dev.selvage.store.Resources;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Begins sessions: admits at a bounded rate, waits until the hub knows as much as the node, takes the next epoch. */
final class ControlDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ControlDesk.class);
    private static final Duration CATCH_UP = Duration.ofSeconds(3);
    private static final Duration FRESHEN = Duration.ofSeconds(3);
    private static final Duration LATE = Duration.ofSeconds(3);
    private static final Duration LAGGING = Duration.ofSeconds(2);

    private final HubConfig config;
    private final Resources resources;
    private final Leases leases;
    private final Admission admission;
    private final LaneSink telemetry;
    private final SliceIndex index;
    private final SliceFeed feed;
    private final Sessions sessions;
    private final Heartbeats heartbeats;
    private final NodeRegistry registry;
    private final Doubles doubles;
    private final Offences offences;
    private final Admissions admissions;
    private final Newcomers kept;
    private final LongAdder begun = new LongAdder();
    private final LongAdder putOff = new LongAdder();

    ControlDesk(
            HubConfig config,
            Resources resources,
            Leases leases,
            Admission admission,
            LaneSink telemetry,
            SliceIndex index,
            SliceFeed feed,
            Sessions sessions,
            Heartbeats heartbeats,
            NodeRegistry registry,
            Doubles doubles,
            Offences offences) {
        this.config = config;
        this.resources = resources;
        this.leases = leases;
        this.admission = admission;
        this.telemetry = telemetry;
        this.index = index;
        this.feed = feed;
        this.sessions = sessions;
        this.heartbeats = heartbeats;
        this.registry = registry;
        this.doubles = doubles;
        this.offences = offences;
        this.kept = new Newcomers(config.limits().newcomers());
        this.admissions = new Admissions(config.limits().admissionsPerSecond(), System::nanoTime);
    }

    void measure(Metrics into) {
        into.limit("hub_admissions", admissions.spent(), admissions.burst());
        into.counter("selvage_hub_sessions_total", "sessions begun", begun.sum());
        into.counter("selvage_hub_asked_to_come_back_total", "sessions put off", putOff.sum());
    }

    /** Serves the session to its end. */
    void serve(NodeConnection connection, Peer.Node peer, Hello hello) throws IOException, InterruptedException {
        String node = peer.name();
        Machine machine = connection.machine(hello.getMachine());
        doubles.check(peer, machine);
        if (offences.barred(node).isPositive()) {
            keepOut(connection, node);
            return;
        }
        Duration turn = admissions.turn();
        if (turn.isPositive()) {
            comeBack(connection, node, turn, "more nodes come than this hub admits in a second");
            return;
        }
        String incarnation = resources.incarnation();
        Optional<Boolean> foreign = foreign(hello, incarnation);
        if (foreign.isEmpty()) {
            comeBack(
                    connection,
                    node,
                    LAGGING,
                    "this hub has not come to the revision yet that the node or the store has");
            return;
        }
        connection.limit(config.limits().messagesPerSecond());
        long epoch = leases.open(node, config.name());
        var session = new NodeSession(
                peer,
                machine,
                epoch,
                config,
                connection,
                new SliceSender(
                        node,
                        hello,
                        incarnation,
                        new HeldDeletions(
                                node,
                                hello.getIncarnation(),
                                incarnation,
                                foreign.get(),
                                new DeletionRequest(node, resources)),
                        index,
                        feed,
                        connection),
                new ReportWriter(
                        node,
                        epoch,
                        leases,
                        resources,
                        admission,
                        index,
                        connection,
                        config.limits().eventsPerSecond(),
                        offences),
                new LaneReceiver(node, telemetry, index, connection, offences),
                heartbeats,
                registry);
        try {
            if (!sessions.begin(session)) {
                throw PeerException.close("the node began a later session meanwhile");
            }
            // Whoever deletes the Node from here on finds the session and ends it; whoever did before is seen here.
            var denied = registry.check(peer);
            if (denied.isPresent()) {
                throw PeerException.refuse(
                        Reception.code(denied.get().reason()), denied.get().message());
            }
            begun.increment();
            session.run(hello);
        } finally {
            sessions.end(session);
        }
    }

    /** The answer comes late: a node that comes again at once would spend the hub's time on handshakes. */
    private void keepOut(NodeConnection connection, String node) throws InterruptedException {
        if (!kept.enter(node, 1)) {
            connection.close();
            return;
        }
        try {
            Duration barred = offences.barred(node);
            Thread.sleep(barred.compareTo(LATE) > 0 ? LATE : barred);
        } finally {
            kept.leave(node);
        }
        comeBack(
                connection,
                node,
                offences.barred(node),
                "its last connection was ended for what it did, see the Node's events");
    }

    /**
     * Whether what the node has cannot be compared with the store; empty when this hub has not caught up to say so. A node of the same incarnation that has seen a
     * higher revision than the database itself comes from before a backup was restored. A foreign node has no revision to wait for, so all that is committed is
     * waited for.
     */
    private Optional<Boolean> foreign(Hello hello, String incarnation) throws InterruptedException {
        boolean newcomer = hello.getIncarnation().isEmpty() && hello.getHeldCount() == 0;
        boolean same = newcomer || hello.getIncarnation().equals(incarnation);
        long seen = seen(hello);
        if (same && feed.await(incarnation, seen, CATCH_UP)) {
            return Optional.of(false);
        }
        boolean caughtUp = resources.freshen(FRESHEN)
                && !(same && resources.revision() >= seen)
                && feed.await(incarnation, resources.revision(), CATCH_UP)
                && resources.incarnation().equals(incarnation);
        return caughtUp ? Optional.of(true) : Optional.empty();
    }

    /** What the node was sent in part, before its link broke, counts as well. */
    private static long seen(Hello hello) {
        return hello.getHeldList().stream().mapToLong(Held::getRevision).reduce(hello.getRevision(), Math::max);
    }

    private void comeBack(NodeConnection connection, String node, Duration after, String reason) {
        putOff.increment();
        LOG.info("node {} is asked to come back in {} ms: {}", node, after.toMillis(), reason);
        connection.farewell(HubMessage.newBuilder()
                .setComeBack(ComeBack.newBuilder()
                        .setAfterMillis(Math.toIntExact(after.toMillis() + 1))
                        .setReason(reason))
                .build());
    }
}
