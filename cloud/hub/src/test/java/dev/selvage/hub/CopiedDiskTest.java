package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.session.HubAddress;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Issue 3, 4: a cloned state directory: the first to renew wins, the other is refused, and both are named in an Event. */
class CopiedDiskTest {
    private final TestCentre centre = new TestCentre();
    private final TestNode first = new TestNode("edge-1", centre.address());
    private final TestNode copy = new TestNode("edge-1", centre.address());

    CopiedDiskTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        first.close();
        copy.close();
        centre.close();
    }

    @Test
    void theFirstToRenewStaysAndTheOtherIsRefusedAndBothAreNamed() throws Exception {
        join("host-a", "host-b");
        first.stop();
        copy.start();
        linked(copy);
        copy.session().renewNow();
        long generation = copy.session().identity().generation();
        copy.stop();
        first.start();
        eventually(() -> assertThat(first.heard()).anyMatch(h -> h.startsWith("refused KEY_STALE")));
        eventually(() -> assertThat(events("IdentityCopied"))
                .singleElement()
                .asString()
                .contains(
                        "generation " + generation + " went to host host-b (127.0.0.1, " + copy.home + ")",
                        "host host-a (127.0.0.1, " + first.home + ") came with the key of generation 1"));
        assertThat(first.heard()).anyMatch(h -> h.contains("host host-b (127.0.0.1, " + copy.home + ")"));
        assertThat(first.session().linked()).isFalse();
        first.stop();
        copy.start();
        linked(copy);
    }

    /** An answer that was lost leaves the node with an older key too: nobody is accused for that. */
    @Test
    void aNodeWhoseAnswerWasLostIsNoCopy() throws Exception {
        join("host-a", "host-b");
        first.stop();
        // the copy renews with the key that the first has on its disk as the next: the same as a lost answer
        try (TestNode unheard = new TestNode("edge-1", new HubAddress("127.0.0.1", 1))) {
            copyIdentity(first, unheard);
            unheard.start();
            assertThat(catchThrowable(() -> unheard.session().renewNow())).isInstanceOf(IOException.class);
            for (TestNode node : List.of(first, copy)) {
                Files.copy(unheard.home.resolve("identity/next-key.pem"), node.home.resolve("identity/next-key.pem"));
            }
        }
        copy.start();
        linked(copy);
        copy.session().renewNow();
        copy.stop();
        first.start();
        linked(first);
        assertThat(events("IdentityCopied")).isEmpty();
    }

    @Test
    void aCopyIsRefusedWhileTheOtherIsLinkedAndBothAreNamed() throws Exception {
        join("host-a", "host-b");
        long epoch = centre.store.leases().epoch("edge-1");
        copy.start();
        eventually(() -> assertThat(copy.heard()).anyMatch(h -> h.startsWith("refused IDENTITY_IN_USE")));
        assertThat(events("IdentityInUse"))
                .singleElement()
                .asString()
                .contains(
                        "host host-a (127.0.0.1, " + first.home + ") is linked",
                        "host host-b (127.0.0.1, " + copy.home + ") is refused");
        assertThat(first.session().linked()).isTrue();
        assertThat(first.heard()).noneMatch(h -> h.startsWith("unlinked"));
        assertThat(centre.store.leases().epoch("edge-1")).isEqualTo(epoch);
        // nor may it take the identity over by a renewal
        Throwable refused = catchThrowable(() -> copy.session().renewNow());
        assertThat(refused).hasMessageContaining("IDENTITY_IN_USE");
        first.session().renewNow();
        assertThat(first.session().identity().generation()).isEqualTo(2);
        assertThat(centre.get(dev.selvage.model.ObjectKey.cluster(Kinds.NODE, "edge-1")))
                .isPresent();
    }

    /** Two that cannot be told apart displace each other by their epochs; that is noticed, ended by a renewal, and named. */
    @Test
    void copiesThatDisplaceEachOtherMustRenewAndOneStays() throws Exception {
        join("", "");
        copy.start();
        eventually(() -> assertThat(events("IdentityContested")).isNotEmpty());
        eventually(() -> assertThat(Stream.concat(first.heard().stream(), copy.heard().stream()))
                .anyMatch(h -> h.startsWith("refused KEY_STALE")));
        eventually(() ->
                assertThat(first.session().linked() ^ copy.session().linked()).isTrue());
        TestNode stays = first.session().linked() ? first : copy;
        assertThat(stays.session().identity().generation()).isEqualTo(2);
        assertThat(centre.store.leases().epoch("edge-1")).isLessThan(20);
        assertThat(events("IdentityCopied"))
                .allSatisfy(message -> assertThat(message).contains("a machine at 127.0.0.1"));
    }

    private void join(String host, String other) throws Exception {
        if (!host.isEmpty()) {
            first.on(host);
            copy.on(other);
        }
        first.enroll(centre.authority.fingerprint(), centre.token("join"));
        copyIdentity(first, copy);
        first.start();
        linked(first);
    }

    private static void linked(TestNode node) throws Exception {
        eventually(
                () -> assertThat(node.session().linked()).as("%s", node.heard()).isTrue());
    }

    private List<String> events(String reason) {
        return centre.store.resources().list(Selection.all(Kinds.EVENT)).stream()
                .map(Stored::parse)
                .filter(event -> Json.textAt(event, "reason").equals(reason))
                .peek(event -> {
                    assertThat(Json.textAt(event, "involvedObject", "kind")).isEqualTo("Node");
                    assertThat(Json.textAt(event, "involvedObject", "name")).isEqualTo("edge-1");
                    assertThat(Json.textAt(event, "type")).isEqualTo("Warning");
                })
                .map(event -> Json.textAt(event, "message"))
                .toList();
    }

    private static void copyIdentity(TestNode from, TestNode copy) throws IOException {
        Path to = Files.createDirectories(copy.home.resolve("identity"));
        try (Stream<Path> files = Files.list(from.home.resolve("identity"))) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }
}
