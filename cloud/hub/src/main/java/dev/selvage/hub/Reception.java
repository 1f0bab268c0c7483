package dev.selvage.hub;

import dev.selvage.identity.Answer;
import dev.selvage.identity.Denial;
import dev.selvage.identity.IdentityException;
import dev.selvage.identity.NodeRegistry;
import dev.selvage.identity.Peer;
import dev.selvage.link.FrameException;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.Refused;
import dev.selvage.link.StreamAccepted;
import dev.selvage.link.StreamOpen;
import dev.selvage.model.Metrics;
import dev.selvage.store.StoreUnavailableException;
import dev.selvage.telemetry.TelemetryException;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hears what a new connection is for, checks that its peer may, and serves it. Whatever a peer does wrong ends its connection with a logged reason, nothing else. */
final class Reception {
    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);
    private static final int RETRY_MILLIS = 5_000;
    /** Connections of a node that are neither its session nor a stream. */
    private static final int SPARE = 8;

    private final HubConfig config;
    private final NodeRegistry registry;
    private final NodeStreams streams;
    private final ControlDesk control;
    private final CertificateDesk certificates;
    private final Offences offences;
    private final Newcomers newcomers;

    Reception(
            HubConfig config,
            NodeRegistry registry,
            NodeStreams streams,
            ControlDesk control,
            CertificateDesk certificates,
            Offences offences) {
        this.config = config;
        this.registry = registry;
        this.streams = streams;
        this.control = control;
        this.certificates = certificates;
        this.offences = offences;
        this.newcomers = new Newcomers(config.limits().newcomers());
    }

    /** Serves a connection to its end, on its own thread. */
    void serve(NodeConnection connection) {
        try {
            serve(connection, first(connection));
        } catch (PeerException e) {
            e.offence().ifPresent(offence -> caught(connection, offence, e.text()));
            if (e.refusal()) {
                LOG.warn(
                        "{} at {} refused ({}): {}",
                        connection.peer(),
                        connection.address(),
                        e.code().name(),
                        e.text());
                connection.farewell(
                        refused(e.code(), e.text(), Math.toIntExact(e.retry().toMillis())));
            } else {
                LOG.info("connection of {} at {} ended: {}", connection.peer(), connection.address(), e.text());
                connection.close();
            }
        } catch (FrameException e) {
            caught(connection, Offence.PROTOCOL, e.reason() + ": " + e.getMessage());
            LOG.warn(
                    "connection of {} at {} ended ({}): {}",
                    connection.peer(),
                    connection.address(),
                    e.reason(),
                    e.getMessage());
            connection.close();
        } catch (IOException e) {
            LOG.info("connection of {} at {} ended: {}", connection.peer(), connection.address(), e.getMessage());
            connection.close();
        } catch (StoreUnavailableException | IdentityException | TelemetryException e) {
            LOG.warn("{} at {} is asked to come back: {}", connection.peer(), connection.address(), e.getMessage());
            connection.farewell(refused(Refused.Code.BUSY, "the centre's database does not answer", RETRY_MILLIS));
        } catch (InterruptedException e) {
            connection.close();
        } catch (RuntimeException e) {
            LOG.error("connection of {} at {} failed", connection.peer(), connection.address(), e);
            connection.farewell(
                    refused(Refused.Code.INTERNAL, "the centre failed to serve this; its log says why", RETRY_MILLIS));
        }
    }

    void measure(Metrics into) {
        into.limit("hub_newcomers", newcomers.size(), config.limits().newcomers());
    }

    private NodeMessage first(NodeConnection connection) throws IOException, InterruptedException {
        boolean node = connection.peer() instanceof Peer.Node;
        String peer = connection.peer() instanceof Peer.Node known ? known.name() : connection.host();
        // many nodes without a certificate yet may stand behind one address
        int share = node
                ? config.limits().streamsPerNode() + SPARE
                : Math.max(1, config.limits().newcomers() / 4);
        if (!newcomers.enter(peer, share)) {
            throw node
                    ? PeerException.limit(Offence.FLOOD, "too many connections are being opened")
                    : PeerException.close("too many connections are being opened");
        }
        try {
            return connection.receive(config.times().handshake());
        } finally {
            newcomers.leave(peer);
        }
    }

    private void caught(NodeConnection connection, Offence offence, String detail) {
        if (connection.peer() instanceof Peer.Node node) {
            offences.caught(node.name(), offence, detail);
        }
    }

    private void serve(NodeConnection connection, NodeMessage first) throws IOException, InterruptedException {
        switch (first.getMessageCase()) {
            case HELLO -> {
                var hello = first.getHello();
                speak(hello.getProtocol());
                control.serve(connection, node(connection, hello.getNode()), hello);
            }
            case ENROLL -> {
                speak(first.getEnroll().getProtocol());
                certificates.enroll(connection, first.getEnroll());
            }
            case RENEW_BEGIN -> {
                speak(first.getRenewBegin().getProtocol());
                certificates.renew(connection, first.getRenewBegin().getNode());
            }
            case STREAM_OPEN -> {
                speak(first.getStreamOpen().getProtocol());
                stream(connection, first.getStreamOpen());
            }
            case RENEW_PROOF,
                    HEARTBEAT,
                    STORED,
                    REPORTS,
                    LANE_BATCH,
                    STREAM_DATA,
                    STREAM_END,
                    TRUST_STORED,
                    INPUT_TAKEN,
                    MESSAGE_NOT_SET ->
                throw PeerException.refuse(
                        Refused.Code.PROTOCOL,
                        "first message: found " + first.getMessageCase()
                                + ", accepted are HELLO, ENROLL, RENEW_BEGIN and STREAM_OPEN");
        }
    }

    private static void speak(int version) throws PeerException {
        if (version != LinkProtocol.VERSION) {
            throw PeerException.refuse(
                    Refused.Code.PROTOCOL,
                    "protocol version: found " + Integer.toUnsignedString(version) + ", this hub speaks "
                            + LinkProtocol.VERSION);
        }
    }

    /** The peer, if it is the node that it says it is and still one of this centre's. */
    private Peer.Node node(NodeConnection connection, String claimed) throws PeerException {
        return switch (connection.peer()) {
            case Peer.Anonymous _ ->
                throw PeerException.refuse(
                        Refused.Code.CERTIFICATE_MISSING, "this needs the certificate of a node; enrol to get one");
            case Peer.Refused(Denial reason, String message) -> throw PeerException.refuse(code(reason), message);
            case Peer.Node node -> {
                if (!node.name().equals(claimed)) {
                    throw PeerException.refuse(
                            Refused.Code.NAME_NOT_ALLOWED,
                            "node \"" + node.name() + "\" claims to be \"" + claimed + "\"");
                }
                Optional<Answer.Denied> denied = registry.check(node);
                if (denied.isPresent()) {
                    throw PeerException.refuse(
                            code(denied.get().reason()), denied.get().message());
                }
                yield node;
            }
        };
    }

    private void stream(NodeConnection connection, StreamOpen open) throws IOException, InterruptedException {
        Peer.Node node = node(connection, open.getNode());
        var expected = streams.claim(open.getId(), node.name(), open.getEpoch())
                .orElseThrow(() -> PeerException.refuse(
                        Refused.Code.STREAM_UNKNOWN,
                        "stream: nobody waits for this one of node \"" + node.name() + "\" in session "
                                + open.getEpoch()));
        connection.send(HubMessage.newBuilder()
                .setStreamAccepted(StreamAccepted.getDefaultInstance())
                .build());
        if (!expected.connection().complete(connection)) {
            connection.close();
        }
    }

    static Refused.Code code(Denial denial) {
        return switch (denial) {
            case TOKEN_MALFORMED -> Refused.Code.TOKEN_MALFORMED;
            case TOKEN_UNKNOWN -> Refused.Code.TOKEN_UNKNOWN;
            case TOKEN_EXPIRED -> Refused.Code.TOKEN_EXPIRED;
            case TOKEN_USED -> Refused.Code.TOKEN_USED;
            case REQUEST_INVALID -> Refused.Code.REQUEST_INVALID;
            case NAME_NOT_ALLOWED -> Refused.Code.NAME_NOT_ALLOWED;
            case NAME_TAKEN -> Refused.Code.NAME_TAKEN;
            case CERTIFICATE_UNTRUSTED -> Refused.Code.CERTIFICATE_UNTRUSTED;
            case CERTIFICATE_EXPIRED -> Refused.Code.CERTIFICATE_EXPIRED;
            case KEY_STALE -> Refused.Code.KEY_STALE;
            case REVOKED -> Refused.Code.REVOKED;
        };
    }

    private static HubMessage refused(Refused.Code code, String message, int retryAfterMillis) {
        return HubMessage.newBuilder()
                .setRefused(
                        Refused.newBuilder().setCode(code).setMessage(message).setRetryAfterMillis(retryAfterMillis))
                .build();
    }
}
