package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Design "Link", Identity: renewal at half-life, renewal after the end, revocation by deleting the Node, a copied disk exposed. */
class IdentityOverTheLinkTest {
    @Test
    void theCertificateIsRenewedAtHalfItsLifeWithoutEndingTheSession() throws Exception {
        try (var centre = new TestCentre(Duration.ofSeconds(4));
                var node = TestNode.linked(centre, "edge-1")) {
            eventually(() -> assertThat(node.heard()).contains("renewed 3"));
            assertThat(node.heard()).noneMatch(h -> h.startsWith("unlinked"));
            assertThat(node.identity().load().orElseThrow().generation()).isGreaterThanOrEqualTo(3);
            centre.restartHub();
            eventually(() -> assertThat(node.heard())
                    .filteredOn(h -> h.startsWith("linked"))
                    .hasSize(2));
        }
    }

    @Test
    void aNodeWhoseCertificateEndedWhileItWasAwayRenewsItWithItsOldKey() throws Exception {
        try (var centre = new TestCentre(Duration.ofSeconds(2));
                var node = TestNode.linked(centre, "edge-1")) {
            node.stop();
            Thread.sleep(2_500);
            node.start();
            eventually(() -> assertThat(node.session().linked()).isTrue());
            assertThat(node.heard()).anyMatch(h -> h.startsWith("renewed"));
        }
    }

    @Test
    void deletingTheNodeEndsItsSessionAndRefusesItFromThenOn() throws Exception {
        try (var centre = new TestCentre();
                var node = TestNode.linked(centre, "edge-1")) {
            centre.delete(ObjectKey.cluster(Kinds.NODE, "edge-1"));
            eventually(() -> assertThat(node.heard()).anyMatch(h -> h.startsWith("refused REVOKED")));
            assertThat(node.session().linked()).isFalse();
            assertThat(centre.hub().linkedNodes()).isEmpty();
            node.stop();
            // A Node of the same name is another node: the old certificate is not its.
            node.enroll(centre.authority.fingerprint(), centre.token("again"));
            node.start();
            eventually(() -> assertThat(node.session().linked()).isTrue());
        }
    }

    /** Issue 2, Identity: revocation ends a live connection, and so one that is just about to be one. */
    @Test
    void aNodeThatIsDeletedWhileItsSessionBeginsGetsNone() throws Exception {
        try (var centre = new TestCentre();
                var node = TestNode.linked(centre, "edge-1")) {
            node.stop();
            long linked = links(node);
            // the hub waits until it knows as much as the node
            node.pretend(
                    centre.store.resources().incarnation(),
                    centre.store.resources().revision() + 4);
            node.start();
            Thread.sleep(500);
            centre.delete(ObjectKey.cluster(Kinds.NODE, "edge-1"));
            eventually(() -> assertThat(centre.store.leases().epoch("edge-1")).isZero());
            for (int i = 0; i < 6; i++) {
                centre.create(Kinds.CONFIG_MAP, "default", "more-" + i, "{}");
            }
            eventually(() -> assertThat(node.heard()).anyMatch(h -> h.startsWith("refused REVOKED")));
            assertThat(links(node)).isEqualTo(linked);
            assertThat(centre.hub().linkedNodes()).isEmpty();
        }
    }

    private static long links(TestNode node) {
        return node.heard().stream().filter(h -> h.startsWith("linked")).count();
    }

    @Test
    void ofTwoCopiesOfADiskTheOneThatRenewsFirstWins() throws Exception {
        try (var centre = new TestCentre();
                var node = TestNode.linked(centre, "edge-1");
                var copy = new TestNode("edge-1", centre.address())) {
            copy(node.home.resolve("identity"), copy.home.resolve("identity"));
            node.stop();
            copy.start();
            eventually(() -> assertThat(copy.session().linked()).isTrue());
            copy.stop();
            node.start();
            eventually(() -> assertThat(node.session().linked()).isTrue());
            node.session().renewNow();
            copy.start();
            eventually(() -> assertThat(copy.heard()).anyMatch(h -> h.startsWith("refused KEY_STALE")));
            assertThat(copy.session().linked()).isFalse();
        }
    }

    /** The centre has the new key and so has the disk; a node that went on with the old one would be refused until its restart. */
    @Test
    void aRenewalHoldsThoughTheTrustedTimeCannotBeKept() throws Exception {
        try (var centre = new TestCentre();
                var node = TestNode.linked(centre, "edge-1")) {
            long generation = node.session().identity().generation();
            Path time = node.home.resolve("identity").resolve("trusted-time");
            Files.deleteIfExists(time);
            Files.createDirectories(time.resolve("in-the-way"));
            node.session().renewNow();
            node.session().renewNow();
            assertThat(node.session().identity().generation()).isEqualTo(generation + 2);
        }
    }

    /** A part of the agent that fails when it hears of the link must not end the link for good. */
    @Test
    void aListenerThatThrowsDoesNotKeepTheNodeFromComingBack() throws Exception {
        try (var centre = new TestCentre();
                var node = TestNode.linked(centre, "edge-1");
                var other = new TestNode("edge-1", centre.address())) {
            node.deafTo = "unlinked";
            copy(node.home.resolve("identity"), other.home.resolve("identity"));
            long before = links(node);
            other.start();
            eventually(() -> assertThat(node.heard()).anyMatch(h -> h.startsWith("unlinked")));
            other.stop();
            node.deafTo = "";
            eventually(() -> assertThat(links(node)).isGreaterThan(before));
        }
    }

    @Test
    void aLaterSessionOfTheSameNodeMakesTheEarlierOnePowerless() throws Exception {
        try (var centre = new TestCentre();
                var first = TestNode.linked(centre, "edge-1");
                var second = new TestNode("edge-1", centre.address())) {
            copy(first.home.resolve("identity"), second.home.resolve("identity"));
            second.start();
            eventually(() -> assertThat(first.heard()).anyMatch(h -> h.startsWith("unlinked")));
            first.stop();
            eventually(() -> assertThat(second.session().linked()).isTrue());
            assertThat(centre.store.leases().epoch("edge-1")).isGreaterThanOrEqualTo(2);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }
}
