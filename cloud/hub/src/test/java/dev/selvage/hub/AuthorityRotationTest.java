package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.identity.Authority;
import dev.selvage.identity.BehindNode;
import dev.selvage.identity.Rotation;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Issue 3, 4: CA rotation with overlapping trust while nodes are offline. */
class AuthorityRotationTest {
    private final TestCentre centre = new TestCentre();
    private final TestNode online = TestNode.linked(centre, "edge-1");
    private final TestNode offline = TestNode.linked(centre, "edge-2");

    AuthorityRotationTest() throws Exception {}

    @AfterEach
    void close() throws IOException {
        online.close();
        offline.close();
        centre.close();
    }

    @Test
    void linkedNodesLearnOfTheNextCaAtOnceAndOthersWhenTheyReturn() throws Exception {
        offline.stop();
        assertThat(centre.authority.rotate()).isInstanceOf(Rotation.Done.class);
        eventually(() -> assertThat(online.identity().load().orElseThrow().trusted())
                .isEqualTo(centre.authority.trusted())
                .hasSize(2));
        assertThat(online.heard()).noneMatch(h -> h.startsWith("unlinked"));
        eventually(() -> assertThat(behind()).containsExactly("edge-2"));
        assertThat(centre.authority.rotate())
                .isInstanceOfSatisfying(
                        Rotation.Refused.class,
                        refused -> assertThat(refused.message()).contains("is under way since"));

        // the node that was away for all of it still trusts the centre, by the CA that it knows
        offline.start();
        eventually(() -> assertThat(offline.session().linked()).isTrue());
        eventually(() -> assertThat(behind()).isEmpty());
        assertThat(offline.identity().load().orElseThrow().trusted()).hasSize(2);
        offline.stop();

        eventually(() -> assertThat(issuing().id()).isEqualTo(2));
        online.session().renewNow();
        assertThat(online.session().identity().certificate().getIssuerX500Principal())
                .isEqualTo(issuing().certificate().getSubjectX500Principal());
        assertThat(centre.authority.retire(false)).isInstanceOf(Rotation.Done.class);
        eventually(() -> assertThat(online.identity().load().orElseThrow().trusted())
                .containsExactly(issuing().certificate()));
        eventually(() -> assertThat(centre.keys.current().certificate().getIssuerX500Principal())
                .isEqualTo(issuing().certificate().getSubjectX500Principal()));

        // its certificate is of the retired CA: it proves its key and gets one of the new
        offline.start();
        eventually(() -> assertThat(offline.heard()).anyMatch(h -> h.startsWith("renewed")));
        eventually(() -> assertThat(offline.session().linked()).isTrue());
        eventually(() ->
                assertThat(offline.identity().load().orElseThrow().trusted()).hasSize(1));
    }

    @Test
    void aNodeThatWouldBeLockedOutIsNamedAndAfterwardsItIs() throws Exception {
        offline.stop();
        centre.authority.rotate();
        eventually(() -> assertThat(behind()).containsExactly("edge-2"));
        eventually(() -> assertThat(centre.authority.retire(false))
                .isInstanceOfSatisfying(
                        Rotation.LocksOut.class,
                        locks -> assertThat(locks.nodes())
                                .extracting(BehindNode::name)
                                .containsExactly("edge-2")));
        assertThat(centre.authority.trusted()).hasSize(2);
        assertThat(centre.authority.retire(true)).isInstanceOf(Rotation.Done.class);
        eventually(() -> assertThat(centre.keys.current().certificate().getIssuerX500Principal())
                .isEqualTo(issuing().certificate().getSubjectX500Principal()));
        long before = offline.heard().size();
        offline.start();
        eventually(() -> assertThat(offline.heard().stream().skip(before))
                .anyMatch(h -> h.startsWith("unlinked") && h.contains("is not of this node's centre")));
        assertThat(offline.session().linked()).isFalse();
        assertThat(online.session().linked()).isTrue();
    }

    private List<String> behind() {
        return centre.authority.status().behind().stream().map(BehindNode::name).toList();
    }

    private Authority issuing() {
        var status = centre.authority.status();
        return status.authorities().stream()
                .filter(a -> a.id() == status.issuing())
                .findFirst()
                .orElseThrow();
    }
}
