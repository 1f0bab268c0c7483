package dev.selvage.hub;

import dev.selvage.identity.NodeRegistry;
import dev.selvage.identity.PeerCertificates;
import dev.selvage.identity.ServerKeys;
import dev.selvage.model.Admission;
import dev.selvage.model.Kinds;
import dev.selvage.model.Measured;
import dev.selvage.model.Metrics;
import dev.selvage.store.Leases;
import dev.selvage.store.Resources;
import dev.selvage.telemetry.Telemetry;
import java.io.IOException;
import java.util.Set;

/** The centre's end of the link: nodes enrol here, renew, and hold their control connections (link.proto). */
public final class Hub implements Measured, AutoCloseable {
    private final Sessions sessions = new Sessions();
    private final SliceFeed feed;
    private final Heartbeats heartbeats;
    private final Follower revocations;
    private final Follower decisions;
    private final Offences offences;
    private final NodeStreams streams;
    private final ControlDesk control;
    private final Reception reception;
    private final HubServer server;

    private Hub(
            HubConfig config,
            ServerKeys keys,
            PeerCertificates certificates,
            NodeRegistry registry,
            Resources resources,
            Leases leases,
            Admission admission,
            LaneSink telemetry)
            throws IOException {
        var index = new SliceIndex();
        this.feed = new SliceFeed(resources, index, sessions::changed);
        this.heartbeats = new Heartbeats(leases, sessions::supersede);
        this.revocations = new Follower(resources, Kinds.NODE, new Revocations(leases, registry, sessions));
        this.decisions = new Follower(resources, Kinds.NODE_REQUEST, new Decisions(sessions));
        this.offences = new Offences(resources);
        this.streams = new NodeStreams(sessions, resources, config.limits().streamsPerNode());
        var doubles = new Doubles(config, sessions, resources);
        this.control = new ControlDesk(
                config,
                resources,
                leases,
                admission,
                telemetry,
                index,
                feed,
                sessions,
                heartbeats,
                registry,
                doubles,
                offences);
        var certification = new CertificateDesk(config, registry, resources, doubles, offences);
        this.reception = new Reception(config, registry, streams, control, certification, offences);
        this.server = new HubServer(config, keys, certificates, reception::serve);
    }

    /**
     * Listens and serves until closed. The caller owns, and closes after the hub, whatever it passes.
     *
     * @param admission completes the pods that nodes have made of CronJobs, as the API would
     * @throws IOException when the port cannot be had; the message names it
     */
    public static Hub start(
            HubConfig config,
            ServerKeys keys,
            PeerCertificates certificates,
            NodeRegistry registry,
            Resources resources,
            Leases leases,
            Admission admission,
            Telemetry telemetry)
            throws IOException {
        return start(config, keys, certificates, registry, resources, leases, admission, LaneSink.of(telemetry));
    }

    static Hub start(
            HubConfig config,
            ServerKeys keys,
            PeerCertificates certificates,
            NodeRegistry registry,
            Resources resources,
            Leases leases,
            Admission admission,
            LaneSink telemetry)
            throws IOException {
        var hub = new Hub(config, keys, certificates, registry, resources, leases, admission, telemetry);
        hub.feed.start();
        hub.heartbeats.start();
        hub.revocations.start();
        hub.decisions.start();
        hub.offences.start();
        return hub;
    }

    public int port() {
        return server.port();
    }

    /** Nodes with a session at this hub. */
    public Set<String> linkedNodes() {
        return sessions.nodes();
    }

    /** Whether it listens: false does not heal by itself. */
    public boolean listening() {
        return server.listening();
    }

    @Override
    public void measure(Metrics into) {
        server.measure(into);
        reception.measure(into);
        control.measure(into);
        sessions.measure(into);
        streams.measure(into);
        offences.measure(into);
    }

    public NodeStreams streams() {
        return streams;
    }

    /** Tells every linked node whom to trust, after the centre's CAs have changed. */
    public void trustChanged() {
        sessions.trustChanged();
    }

    /** Ends a node's session, as a broken network would. */
    void cut(String node) {
        sessions.of(node).ifPresent(session -> session.end("cut"));
    }

    @Override
    public void close() {
        sessions.endAll("the hub is closing");
        server.close();
        decisions.close();
        offences.close();
        revocations.close();
        heartbeats.close();
        feed.close();
    }
}
