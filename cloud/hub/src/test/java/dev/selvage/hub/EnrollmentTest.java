package dev.selvage.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.link.Refused;
import dev.selvage.model.JoinToken;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.HubAddress;
import dev.selvage.session.LinkException;
import dev.selvage.session.RefusedException;
import dev.selvage.sim.net.Direction;
import dev.selvage.sim.net.Fault;
import dev.selvage.sim.net.FaultProxy;
import dev.selvage.sim.net.Framing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Issue 2, Identity and "Bad input": a token expired, used or revoked, each with a precise error that changes nothing. */
class EnrollmentTest {
    private static TestCentre centre;
    private static int count;
    private TestNode node;

    @BeforeAll
    static void start() throws IOException {
        centre = new TestCentre();
    }

    @AfterAll
    static void stop() {
        centre.close();
    }

    @BeforeEach
    void node(TestInfo info) throws IOException {
        node = new TestNode("edge-" + ++count, centre.address());
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    @Test
    void aMachineWithATokenBecomesANodeWithTheTokensSiteAndItsOwnArchitecture() throws IOException {
        var identity = node.enroll(fingerprint(), centre.token("good"));
        assertThat(identity.certificate().getSubjectX500Principal().getName())
                .isEqualTo("CN=system:node:" + node.name + ",O=system:nodes");
        assertThat(node.identity().load()).hasValueSatisfying(saved -> {
            assertThat(saved.certificate()).isEqualTo(identity.certificate());
            assertThat(saved.generation()).isEqualTo(1);
        });
        var object = centre.get(ObjectKey.cluster(Kinds.NODE, node.name)).orElseThrow();
        assertThat(Meta.labels(object))
                .containsEntry("selvage.dev/site", "branch-1")
                .containsEntry("kubernetes.io/hostname", node.name)
                .containsEntry("kubernetes.io/arch", "amd64");
        var token = JoinToken.of(
                centre.get(ObjectKey.cluster(Kinds.JOIN_TOKEN, "good")).orElseThrow());
        assertThat(token.uses()).isEqualTo(1);
        assertThat(token.usedBy()).containsExactly(node.name);
    }

    @Test
    void anUnknownTokenAndAWrongSecretAreRefusedAlike() {
        centre.token("known");
        refused(Refused.Code.TOKEN_UNKNOWN, () -> node.enroll(fingerprint(), "unknown." + TestCentre.SECRET));
        refused(Refused.Code.TOKEN_UNKNOWN, () -> node.enroll(fingerprint(), "known." + "f".repeat(32)));
        changedNothing();
    }

    @Test
    void aTokenWithoutItsFormIsRefused() {
        refused(Refused.Code.TOKEN_MALFORMED, () -> node.enroll(fingerprint(), "what is this"));
        changedNothing();
    }

    @Test
    void anExpiredTokenIsRefusedWithItsTime() {
        String ended = Instant.now().minusSeconds(60).toString();
        String token = centre.token("old", "expiresAt", ended);
        refused(Refused.Code.TOKEN_EXPIRED, () -> node.enroll(fingerprint(), token))
                .hasMessageContaining(ended);
        changedNothing();
    }

    @Test
    void aRevokedTokenIsRefused() {
        String token = centre.token("revoked");
        centre.delete(ObjectKey.cluster(Kinds.JOIN_TOKEN, "revoked"));
        refused(Refused.Code.TOKEN_UNKNOWN, () -> node.enroll(fingerprint(), token))
                .hasMessageContaining("revoked");
        changedNothing();
    }

    @Test
    void aTokenIsUsedAsOftenAsItAllows() throws IOException {
        String token = centre.token("twice", "maxUses", "2");
        try (var first = new TestNode(node.name + "-a", centre.address());
                var second = new TestNode(node.name + "-b", centre.address())) {
            first.enroll(fingerprint(), token);
            second.enroll(fingerprint(), token);
            refused(Refused.Code.TOKEN_USED, () -> node.enroll(fingerprint(), token))
                    .hasMessageContaining("2 of 2");
        }
        changedNothing();
    }

    @Test
    void anEnrolmentWhoseAnswerWasLostIsRepeatedAndNotCountedTwice() throws IOException {
        String token = centre.token("lost");
        Files.createDirectories(node.home.resolve("identity"));
        node.enroll(fingerprint(), token);
        // As before the answer came: the key is still the one under way.
        String saved = Files.readString(node.home.resolve("identity/identity.pem"));
        String key = saved.substring(saved.indexOf("-----BEGIN PRIVATE"), saved.indexOf("-----BEGIN CERT"));
        String publicKey = "-----BEGIN PUBLIC KEY-----\n"
                + java.util.Base64.getEncoder()
                        .encodeToString(node.identity()
                                .load()
                                .orElseThrow()
                                .certificate()
                                .getPublicKey()
                                .getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
        Files.writeString(node.home.resolve("identity/next-key.pem"), key + publicKey);
        Files.delete(node.home.resolve("identity/identity.pem"));
        assertThat(node.enroll(fingerprint(), token).generation()).isEqualTo(1);
        assertThat(JoinToken.of(centre.get(ObjectKey.cluster(Kinds.JOIN_TOKEN, "lost"))
                                .orElseThrow())
                        .uses())
                .isEqualTo(1);
    }

    /** Issue 3, Network: whichever of the hub's messages is cut, the machine is a node afterwards, and the token is spent once. */
    @Test
    void anEnrolmentThatTheNetworkCutsIsTriedAgain() throws IOException {
        int repaired = 0;
        try (FaultProxy proxy = FaultProxy.start(
                0,
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), centre.hub().port()),
                Framing.TLS)) {
            for (int message = 0; message < 8; message++) {
                String token = centre.token("cut-" + message, "maxUses", "1");
                int before = proxy.accepted();
                proxy.plan(Direction.DOWN, message, new Fault.Cut(2));
                try (var cut = new TestNode("edge-cut-" + message, new HubAddress("127.0.0.1", proxy.port()))) {
                    try {
                        cut.enroll(fingerprint(), token);
                        repaired += proxy.accepted() - before - 1;
                    } catch (LinkException inTheHandshake) {
                        cut.enroll(fingerprint(), token);
                    }
                    assertThat(cut.identity().load().orElseThrow().generation()).isEqualTo(1);
                }
                proxy.clear();
            }
        }
        assertThat(repaired).isPositive();
    }

    @Test
    void aTokenForOneNameAdmitsNoOther() {
        String token = centre.token("fixed", "nodeName", "edge-fixed");
        refused(Refused.Code.NAME_NOT_ALLOWED, () -> node.enroll(fingerprint(), token))
                .hasMessageContaining("edge-fixed");
        changedNothing();
    }

    @Test
    void aNameThatAnotherMachineHasIsRefusedUntilItsNodeIsDeleted() throws IOException {
        node.enroll(fingerprint(), centre.token("one"));
        String another = centre.token("two");
        try (var impostor = new TestNode(node.name, centre.address())) {
            refused(Refused.Code.NAME_TAKEN, () -> impostor.enroll(fingerprint(), another))
                    .hasMessageContaining(node.name);
            centre.delete(ObjectKey.cluster(Kinds.NODE, node.name));
            assertThat(impostor.enroll(fingerprint(), another).generation()).isEqualTo(1);
        }
    }

    @Test
    void aNameThatIsNoNameIsRefused() throws IOException {
        String token = centre.token("names");
        try (var shouting = new TestNode("EDGE_1", centre.address())) {
            refused(Refused.Code.NAME_NOT_ALLOWED, () -> shouting.enroll(fingerprint(), token))
                    .hasMessageContaining("EDGE_1");
        }
    }

    @Test
    void aMachineMayNotChooseLabelsThatDrawWorkloads() {
        String token = centre.token("labels");
        refused(
                        Refused.Code.REQUEST_INVALID,
                        () -> node.enroll(fingerprint(), token, Map.of("selvage.dev/site", "headquarters")))
                .hasMessageContaining("selvage.dev/site");
        changedNothing();
    }

    @Test
    void aHubWithAnotherCaThanTheOperatorsFingerprintIsNotGivenTheToken() {
        String token = centre.token("pinned");
        assertThatThrownBy(() -> node.enroll("0".repeat(64), token))
                .isInstanceOf(LinkException.class)
                .hasMessageContaining(fingerprint())
                .hasMessageContaining("0".repeat(64));
        changedNothing();
    }

    private org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refused(
            Refused.Code code, ThrowingCallable enrolment) {
        return assertThatThrownBy(enrolment)
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private void changedNothing() {
        assertThat(centre.get(ObjectKey.cluster(Kinds.NODE, node.name))).isEmpty();
    }

    private static String fingerprint() {
        return centre.authority.fingerprint();
    }
}
