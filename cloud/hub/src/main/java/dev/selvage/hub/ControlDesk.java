package dev.selvage.hub;

import dev.selvage.identity.NodeRegistry;
import dev.selvage.identity.Peer;
import dev.selvage.link.ComeBack;
import dev.selvage.link.Hello;
import dev.selvage.link.HubMessage;
import dev.selvage.store.Leases;
import dev.selvage.store.Resources;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Begins sessions: admits at a bounded rate, waits until the hub knows as much as the node, takes the next epoch. */
final class ControlDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ControlDesk.class);
    private static final Duration CATCH_UP = Duration.ofSeconds(10);
    private static final int COME_BACK_MILLIS = 2_000;

    private final HubConfig config;
    private final Resources resources;
    private final Leases leases;
    private final LaneSink telemetry;
    private final SliceIndex index;
    private final SliceFeed feed;
    private final Sessions sessions;
    private final Heartbeats heartbeats;
    private final NodeRegistry registry;
    private final RateLimit admissions;

    ControlDesk(
            HubConfig config,
            Resources resources,
            Leases leases,
            LaneSink telemetry,
            SliceIndex index,
            SliceFeed feed,
            Sessions sessions,
            Heartbeats heartbeats,
            NodeRegistry registry) {
        this.config = config;
        this.resources = resources;
        this.leases = leases;
        this.telemetry = telemetry;
        this.index = index;
        this.feed = feed;
        this.sessions = sessions;
        this.heartbeats = heartbeats;
        this.registry = registry;
        this.admissions = new RateLimit(config.admissionsPerSecond());
    }

    /** Serves the session to its end. */
    void serve(NodeConnection connection, Peer.Node peer, Hello hello) throws IOException, InterruptedException {
        String node = peer.name();
        if (!admissions.tryTake()) {
            comeBack(connection, node, "more nodes come than this hub admits in a second");
            return;
        }
        String incarnation = resources.incarnation();
        long revision = hello.getIncarnation().equals(incarnation) ? hello.getRevision() : 0;
        if (!feed.await(incarnation, revision, CATCH_UP)) {
            comeBack(connection, node, "this hub has not come to revision " + revision + " yet, which the node has");
            return;
        }
        connection.limit(config.messagesPerSecond());
        long epoch = leases.open(node, config.name());
        var session = new NodeSession(
                node,
                epoch,
                config,
                connection,
                new SliceSender(node, hello, incarnation, index, feed, connection),
                new ReportWriter(node, epoch, leases, resources, index, connection, config.eventsPerSecond()),
                new LaneReceiver(node, telemetry, index, connection),
                heartbeats);
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
            session.run(hello);
        } finally {
            sessions.end(session);
        }
    }

    private static void comeBack(NodeConnection connection, String node, String reason) {
        LOG.info("node {} is asked to come back: {}", node, reason);
        int spread = ThreadLocalRandom.current().nextInt(COME_BACK_MILLIS);
        connection.farewell(HubMessage.newBuilder()
                .setComeBack(ComeBack.newBuilder()
                        .setAfterMillis(COME_BACK_MILLIS + spread)
                        .setReason(reason))
                .build());
    }
}
