package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.selvage.link.Enroll;
import dev.selvage.link.Heartbeat;
import dev.selvage.link.Hello;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.Refused;
import dev.selvage.link.RenewBegin;
import dev.selvage.link.RenewProof;
import dev.selvage.link.Reports;
import dev.selvage.link.Stored;
import dev.selvage.link.StreamOpen;
import dev.selvage.session.NodeIdentity;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Issue 2, "Bad input": a link message truncated, oversized or of another protocol version; a certificate of another CA; a node claiming another's name. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class BadPeerTest {
    private static TestCentre centre;
    private static TestNode node;
    private static NodeIdentity identity;
    private static int peers;

    @BeforeAll
    static void start() throws Exception {
        centre = new TestCentre();
        // longer than a peer waits: what ends its connection is what it did
        centre.restartHub(config -> config.with(config.times()
                .withHandshake(RawPeer.PATIENCE.multipliedBy(2))
                .withHeartbeat(Duration.ofMillis(300), Duration.ofMillis(600), RawPeer.PATIENCE.multipliedBy(2))));
        node = TestNode.linked(centre, "edge-1");
        node.stop();
        identity = node.identity().load().orElseThrow();
    }

    @AfterAll
    static void stop() throws IOException {
        node.close();
        centre.close();
    }

    @Test
    void anotherProtocolVersionIsRefusedWithBothNumbers() throws Exception {
        try (var peer = RawPeer.connect(centre.address(), identity)) {
            peer.send(hello(7, "edge-1"));
            refused(peer, Refused.Code.PROTOCOL, "found 7", "speaks 1");
        }
    }

    @Test
    void aPeerThatDoesNotSpeakSelvageFailsTheHandshake() {
        assertThatThrownBy(() -> {
                    try (var peer = RawPeer.connect(centre.address(), identity, "h2")) {
                        peer.receive();
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no_application_protocol");
    }

    @Test
    void aCertificateOfAnotherCentreIsRefusedAndNamed() throws Exception {
        try (var other = new TestCentre();
                var foreign = new TestNode("edge-1", other.address())) {
            NodeIdentity theirs = foreign.enroll(other.authority.fingerprint(), other.token("join"));
            try (var peer = RawPeer.connect(centre.address(), theirs)) {
                peer.send(hello(1, "edge-1"));
                refused(peer, Refused.Code.CERTIFICATE_UNTRUSTED, "not of this centre's CA");
            }
        }
    }

    @Test
    void aControlConnectionNeedsACertificate() throws Exception {
        try (var peer = RawPeer.connect(centre.address(), null)) {
            peer.send(hello(1, "edge-1"));
            refused(peer, Refused.Code.CERTIFICATE_MISSING, "certificate");
        }
    }

    /** Issue 3, "Figures": a node that has something to say sends no heartbeat besides. */
    @Test
    void anyMessageIsASignOfLifeAndIsAnsweredByABeat() throws Exception {
        try (var peer = RawPeer.connect(centre.address(), identity)) {
            peer.send(hello(1, "edge-1"));
            NodeMessage noHeartbeat = NodeMessage.newBuilder()
                    .setStored(Stored.getDefaultInstance())
                    .build();
            try (var clock = Executors.newSingleThreadScheduledExecutor()) {
                var sending = clock.scheduleAtFixedRate(() -> peer.trySend(noHeartbeat), 100, 100, MILLISECONDS);
                var seen = HubMessage.MessageCase.WELCOME;
                while (seen != HubMessage.MessageCase.BEAT) {
                    seen = peer.receive().getMessageCase();
                }
                sending.cancel(true);
            }
        }
    }

    @Test
    void aNodeThatClaimsAnothersNameIsRefused() throws Exception {
        try (var peer = RawPeer.connect(centre.address(), identity)) {
            peer.send(hello(1, "edge-2"));
            refused(peer, Refused.Code.NAME_NOT_ALLOWED, "\"edge-1\"", "\"edge-2\"");
        }
    }

    @Test
    void anUndueFirstMessageIsRefused() throws Exception {
        try (var peer = RawPeer.connect(centre.address(), identity)) {
            peer.send(NodeMessage.newBuilder()
                    .setHeartbeat(Heartbeat.getDefaultInstance())
                    .build());
            refused(peer, Refused.Code.PROTOCOL, "HEARTBEAT", "HELLO");
        }
    }

    @Test
    void aStreamThatNobodyAskedForIsRefused() throws Exception {
        try (var peer = RawPeer.connect(centre.address(), identity)) {
            peer.send(NodeMessage.newBuilder()
                    .setStreamOpen(StreamOpen.newBuilder()
                            .setProtocol(1)
                            .setNode("edge-1")
                            .setId("0".repeat(32))
                            .setEpoch(1))
                    .build());
            refused(peer, Refused.Code.STREAM_UNKNOWN, "nobody waits");
        }
    }

    @Test
    void aRenewalWithoutTheOldKeyIsRefused() throws Exception {
        try (var peer = RawPeer.connect(centre.address(), null)) {
            peer.send(NodeMessage.newBuilder()
                    .setRenewBegin(RenewBegin.newBuilder().setProtocol(1).setNode("edge-1"))
                    .build());
            assertThat(peer.receive().getChallenge().getNonce().size()).isEqualTo(32);
            peer.send(NodeMessage.newBuilder()
                    .setRenewProof(RenewProof.newBuilder()
                            .setGeneration(1)
                            .setPublicKey(ByteString.copyFrom(
                                    identity.certificate().getPublicKey().getEncoded()))
                            .setCertificateRequest(ByteString.copyFromUtf8("no request"))
                            .setSignature(ByteString.copyFrom(new byte[] {0x30, 0x06, 2, 1, 1, 2, 1, 1})))
                    .build());
            refused(peer, Refused.Code.KEY_STALE, "does not hold");
        }
    }

    @Test
    void anAnonymousPeerMaySendShortFramesOnly() throws Exception {
        try (var peer = RawPeer.connect(centre.address(), null)) {
            peer.send(header(LinkProtocol.MAX_SHORT_FRAME + 1));
            assertThat(peer.closed()).isTrue();
        }
    }

    @Test
    void anOversizedFrameAnEmptyOneAnUnknownMessageAndGarbageEndTheConnection() throws Exception {
        byte[][] bad = {
            header(LinkProtocol.MAX_FRAME + 1),
            header(-1),
            header(0),
            {0, 0, 0, 3, (byte) 0xc0, 0x3e, 1},
            {0, 0, 0, 2, 0x0a, 0x7f}
        };
        for (byte[] bytes : bad) {
            try (var peer = linked()) {
                peer.send(bytes);
                assertThat(peer.closed()).isTrue();
            }
        }
    }

    @Test
    void aTruncatedFrameEndsTheConnection() throws Exception {
        try (var peer = linked()) {
            peer.send(new byte[] {0, 0, 1, 0, 1, 2, 3});
            peer.endOutput();
            assertThat(peer.closed()).isTrue();
        }
    }

    @Test
    void anAcknowledgementOfWhatWasNeverSentEndsTheConnection() throws Exception {
        try (var peer = linked()) {
            peer.send(NodeMessage.newBuilder()
                    .setStored(Stored.newBuilder().setSequence(99))
                    .build());
            assertThat(peer.closed()).isTrue();
        }
    }

    @Test
    void aNodeThatFloodsIsCutOff() throws Exception {
        try (var peer = linked()) {
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100_000; i++) {
                            peer.send(NodeMessage.newBuilder()
                                    .setHeartbeat(Heartbeat.getDefaultInstance())
                                    .build());
                        }
                        if (peer.closed()) {
                            throw new IOException("closed");
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
        othersAreServed();
    }

    @Test
    void aReportThatSaysNothingIsRefusedAndTheSessionGoesOn() throws Exception {
        try (var peer = linked()) {
            peer.send(NodeMessage.newBuilder()
                    .setReports(Reports.newBuilder().setSequence(1).addReports(dev.selvage.link.Report.newBuilder()))
                    .build());
            HubMessage answer = peer.receive();
            assertThat(answer.getReportsStored().getRefused(0).getReason()).isEqualTo("it says nothing");
        }
    }

    @Test
    void aSilentPeerIsCutOff() throws Exception {
        Duration patient = RawPeer.PATIENCE.multipliedBy(2);
        centre.restartHub(config -> config.with(config.times().withHandshake(Duration.ofSeconds(2))));
        // the two seconds bound its TLS handshake too
        eventually(() -> {
            try (var peer = RawPeer.connect(centre.address(), null)) {
                assertThat(peer.closed()).isTrue();
            }
        });
        centre.restartHub(config -> config.with(config.times().withHandshake(patient)));
    }

    @Test
    void aMalformedEnrolmentIsRefused() throws Exception {
        String token = centre.token("malformed");
        try (var peer = RawPeer.connect(centre.address(), null)) {
            peer.send(NodeMessage.newBuilder()
                    .setEnroll(Enroll.newBuilder()
                            .setProtocol(1)
                            .setNode("edge-9")
                            .setToken(token)
                            .setCertificateRequest(ByteString.copyFrom(new byte[] {0x30, 0x03, 1, 2, 3})))
                    .build());
            refused(peer, Refused.Code.REQUEST_INVALID, "certificate request");
        }
    }

    @Test
    void randomBytesEndConnectionsAndNothingElse() throws Exception {
        var random = new Random(4711);
        for (int round = 0; round < 30; round++) {
            try (var peer = round % 2 == 0 ? linked() : RawPeer.connect(centre.address(), identity)) {
                byte[] bytes = new byte[4 + random.nextInt(200)];
                random.nextBytes(bytes);
                bytes[0] = 0;
                bytes[1] = 0;
                bytes[2] = 0;
                bytes[3] = (byte) (bytes.length - 4);
                peer.send(bytes);
            }
        }
        othersAreServed();
    }

    private static void othersAreServed() throws Exception {
        try (var peer = linked()) {
            assertThat(peer).isNotNull();
        }
        eventually(() -> assertThat(centre.hub().linkedNodes()).isEmpty());
    }

    /** A control connection past its Welcome, of a node of its own: one that broke the protocol has to stay away for a while. */
    private static RawPeer linked() throws Exception {
        String name = "peer-" + ++peers;
        var peer = RawPeer.connect(centre.address(), centre.enrolled(name));
        peer.send(hello(1, name));
        HubMessage answer = peer.receive();
        assertThat(answer.getMessageCase())
                .as(answer.getRefused().getMessage())
                .isEqualTo(HubMessage.MessageCase.WELCOME);
        assertThat(peer.receive().getMessageCase())
                .as("the slice, though it is empty")
                .isEqualTo(HubMessage.MessageCase.SLICE_UPDATE);
        return peer;
    }

    private static NodeMessage hello(int version, String name) {
        return NodeMessage.newBuilder()
                .setHello(Hello.newBuilder().setProtocol(version).setNode(name))
                .build();
    }

    private static byte[] header(int size) {
        return new byte[] {(byte) (size >>> 24), (byte) (size >>> 16), (byte) (size >>> 8), (byte) size, 1, 2, 3};
    }

    private static void refused(RawPeer peer, Refused.Code code, String... words) throws IOException {
        HubMessage answer = peer.receive();
        assertThat(answer.getMessageCase()).isEqualTo(HubMessage.MessageCase.REFUSED);
        assertThat(answer.getRefused().getCode().name()).isEqualTo(code.name());
        assertThat(answer.getRefused().getMessage()).contains(words);
        assertThat(peer.closed()).isTrue();
    }
}
