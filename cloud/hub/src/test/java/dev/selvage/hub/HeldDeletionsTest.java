package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.NodeRequest;
import dev.selvage.model.NodeRequest.State;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Selection;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Issue 3, fault 3, and design "Link": a lagging hub, an old backup or a fail-over never wipes a site; an administrator decides. */
class HeldDeletionsTest {
    private static TestCentre centre;
    private static int count;
    private String namespace = "";
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
    void link() throws Exception {
        count++;
        namespace = "tenant-" + count;
        centre.create(Kinds.NAMESPACE, "", namespace, "{}");
        node = TestNode.linked(centre, "node-" + count);
    }

    @AfterEach
    void unlink() throws IOException {
        node.close();
    }

    @Test
    void aRestoredBackupDeletesNothingUntilAnAdministratorApproves() throws Exception {
        pods(3);
        String before = node.incarnation();
        node.stop();
        remove(0, 1);
        renewIncarnation();
        pod("late");
        node.start();
        eventually(() -> assertThat(node.keys()).containsExactlyInAnyOrder(key(0), key(1), key(2), key("late")));
        NodeRequest asked = eventuallyAsked();
        assertThat(asked.reason()).isEqualTo("UnknownIncarnation");
        assertThat(asked.objects()).extracting(NodeRequest.Item::key).containsExactly(key(0), key(1));
        assertThat(asked.nodeIncarnation()).isEqualTo(before);
        assertThat(node.incarnation()).isEqualTo(before);
        eventually(() -> assertThat(events("DeletionsHeld")).singleElement().satisfies(event -> {
            assertThat(event.path("type").asText()).isEqualTo("Warning");
            assertThat(event.path("message").asText()).contains("selvage approve " + node.name);
        }));

        decide(State.APPROVED);
        eventually(() -> assertThat(node.keys()).containsExactlyInAnyOrder(key(2), key("late")));
        assertThat(node.incarnation()).isEqualTo(centre.store.resources().incarnation());
        eventuallyClosed();
        assertThat(events("DeletionsReleased"))
                .singleElement()
                .satisfies(event -> assertThat(event.path("message").asText())
                        .isEqualTo("2 held deletions go out, approved by admin"));
    }

    @Test
    void whatIsDeniedStaysWithheldAndTheNodesOtherObjectsGoOn() throws Exception {
        pods(3);
        node.stop();
        remove(0, 1);
        renewIncarnation();
        node.start();
        eventuallyAsked();
        decide(State.DENIED);
        node.stop();
        remove(2);
        node.start();
        // The centre deleted pod 2 after it had asked: that is in no doubt.
        eventually(() -> assertThat(node.keys()).containsExactlyInAnyOrder(key(0), key(1)));
        pod("late");
        eventually(() -> assertThat(node.keys()).containsExactlyInAnyOrder(key(0), key(1), key("late")));
        assertThat(asked().state()).isEqualTo(State.DENIED);
        assertThat(asked().objects()).extracting(NodeRequest.Item::key).containsExactly(key(0), key(1));
        // A decision can be changed.
        decide(State.APPROVED);
        eventually(() -> assertThat(node.keys()).containsExactly(key("late")));
    }

    @ParameterizedTest
    @CsvSource({"4, 4, false", "5, 2, false", "5, 3, true", "6, 3, false", "6, 4, true"})
    void aDifferenceOfMoreThanHalfOfAtLeastFiveObjectsIsHeld(int has, int deleted, boolean held) throws Exception {
        pods(has);
        node.stop();
        remove(IntStream.range(0, deleted).toArray());
        ObjectNode marker = TestCentre.object(Kinds.POD, namespace, "z-marker");
        Json.child(marker, "spec").put("nodeName", node.name);
        centre.create(marker);
        node.start();
        List<ObjectKey> expected = new ArrayList<>();
        IntStream.range(held ? 0 : deleted, has).forEach(i -> expected.add(key(i)));
        expected.add(key("z-marker"));
        eventually(() -> assertThat(node.keys()).containsExactlyInAnyOrderElementsOf(expected));
        if (held) {
            assertThat(eventuallyAsked().reason()).isEqualTo("MoreThanHalf");
            assertThat(asked().count()).isEqualTo(deleted);
            assertThat(node.keys()).containsExactlyInAnyOrderElementsOf(expected);
        } else {
            assertThat(centre.get(request())).isEmpty();
        }
    }

    @Test
    void deletionsSeenLiveAreObeyedAtOnce() throws Exception {
        pods(6);
        remove(0, 1, 2, 3, 4, 5);
        eventually(() -> assertThat(node.keys()).isEmpty());
        assertThat(centre.get(request())).isEmpty();
    }

    @Test
    void aNodeThatReturnsTwiceHasOneRequestAndOneEventWithACount() throws Exception {
        pods(5);
        node.stop();
        remove(0, 1, 2);
        node.start();
        eventuallyAsked();
        ObjectNode first = centre.get(request()).orElseThrow();
        // What was held is held again, though it is no longer more than half of what the node has.
        IntStream.range(0, 6).forEach(i -> pod("more-" + i));
        eventually(() -> assertThat(node.keys()).hasSize(11));
        for (int i = 2; i <= 3; i++) {
            int times = i;
            node.stop();
            node.start();
            eventually(() -> assertThat(events("DeletionsHeld").stream()
                            .mapToInt(e -> e.path("count").asInt())
                            .sum())
                    .isEqualTo(times));
        }
        assertThat(node.keys()).hasSize(11);
        assertThat(requestsOfTheNode())
                .singleElement()
                .satisfies(name -> assertThat(name).isEqualTo(node.name + ".release-deletions"));
        assertThat(Meta.uid(centre.get(request()).orElseThrow())).isEqualTo(Meta.uid(first));
    }

    @Test
    void anApprovalWhileTheNodeIsOfflineTakesEffectWhenItReturns() throws Exception {
        pods(3);
        node.stop();
        remove(0, 1);
        renewIncarnation();
        node.start();
        eventuallyAsked();
        node.stop();
        decide(State.APPROVED);
        assertThat(node.keys()).hasSize(3);
        node.start();
        eventually(() -> assertThat(node.keys()).containsExactly(key(2)));
        assertThat(node.incarnation()).isEqualTo(centre.store.resources().incarnation());
        eventuallyClosed();
    }

    @Test
    void aRequestWhoseObjectsAreBackIsClosedAndTheNodeTakesTheNewIncarnation() throws Exception {
        pods(3);
        node.stop();
        remove(0, 1);
        renewIncarnation();
        node.start();
        eventuallyAsked();
        pod("pod-0");
        eventually(() ->
                assertThat(asked().objects()).extracting(NodeRequest.Item::key).containsExactly(key(1)));
        pod("pod-1");
        eventuallyClosed();
        eventually(() -> assertThat(node.incarnation())
                .isEqualTo(centre.store.resources().incarnation()));
        assertThat(node.keys()).containsExactlyInAnyOrder(key(0), key(1), key(2));
    }

    @Test
    void aRequestThatWasRemovedByHandReleasesNothingAndIsAskedAnew() throws Exception {
        pods(2);
        node.stop();
        remove(0, 1);
        renewIncarnation();
        node.start();
        eventuallyAsked();
        ObjectNode first = centre.get(request()).orElseThrow();
        centre.delete(request());
        eventually(() -> assertThat(centre.get(request()))
                .hasValueSatisfying(again -> assertThat(Meta.uid(again)).isNotEqualTo(Meta.uid(first))));
        assertThat(node.keys()).containsExactlyInAnyOrder(key(0), key(1));
    }

    @Test
    void aBackupRestoredUnderALiveSessionIsNotTakenForDeletionsSeenLive() throws Exception {
        pods(4);
        String before = node.incarnation();
        try (Connection connection = centre.store.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement();
                    PreparedStatement delete = connection.prepareStatement("DELETE FROM object WHERE namespace = ?")) {
                statement.execute("UPDATE counter SET incarnation = 'restored-" + count + "'");
                delete.setString(1, namespace);
                assertThat(delete.executeUpdate()).isEqualTo(4);
            }
            connection.commit();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        NodeRequest asked = eventuallyAsked();
        assertThat(asked.count()).isEqualTo(4);
        assertThat(node.keys()).hasSize(4);
        assertThat(node.incarnation()).isEqualTo(before);
    }

    @Test
    void aHubThatLagsMakesTheNodeComeBackAndWipesNothing() throws Exception {
        LaggingResources lagging = new LaggingResources(centre.store.resources());
        pods(4); // below five, so that only the revision stands between the lagging hub and a wipe
        node.stop();
        int heard = node.heard().size();
        centre.restartHub(lagging.view());
        try {
            node.start();
            eventually(() -> assertThat(node.heard().subList(heard, node.heard().size()))
                    .anyMatch(h -> h.contains("has not come to the revision")));
            assertThat(node.keys()).hasSize(4);
        } finally {
            lagging.catchUp();
        }
        eventually(() -> assertThat(node.session().linked()).isTrue());
        pod("late");
        eventually(() -> assertThat(node.keys()).hasSize(5));
        assertThat(centre.get(request())).isEmpty();
        centre.restartHub(centre.store.resources());
    }

    @Test
    void aDatabaseThatHasFallenBehindTheNodeUnderTheSameIncarnationIsForeignToIt() throws Exception {
        pods(2);
        node.stop();
        remove(0);
        node.pretend(
                centre.store.resources().incarnation(), centre.store.resources().revision() + 1_000_000);
        node.start();
        assertThat(eventuallyAsked().objects())
                .extracting(NodeRequest.Item::key)
                .containsExactly(key(0));
        assertThat(node.keys()).containsExactlyInAnyOrder(key(0), key(1));
    }

    private void pods(int number) throws Exception {
        IntStream.range(0, number).forEach(i -> pod("pod-" + i));
        eventually(() -> assertThat(node.keys()).hasSize(number));
    }

    private void pod(String name) {
        ObjectNode pod = TestCentre.object(Kinds.POD, namespace, name);
        Json.child(pod, "spec").put("nodeName", node.name);
        centre.create(pod);
    }

    private void remove(int... pods) {
        for (int pod : pods) {
            String uid = Meta.uid(centre.get(key(pod)).orElseThrow());
            assertThat(centre.store
                            .resources()
                            .delete(key(pod), DeleteOptions.now(uid))
                            .succeeded())
                    .isTrue();
        }
    }

    private static void renewIncarnation() throws Exception {
        String before = centre.store.resources().incarnation();
        centre.store.renewIncarnation();
        eventually(() -> assertThat(centre.store.resources().incarnation()).isNotEqualTo(before));
    }

    private void decide(State state) {
        centre.store.resources().mutateStatus(request(), object -> {
            NodeRequest.decide(object, state, "admin", Instant.now());
            return object;
        });
    }

    private NodeRequest eventuallyAsked() throws Exception {
        eventually(() -> assertThat(centre.get(request()))
                .hasValueSatisfying(object ->
                        assertThat(Json.textAt(object, "status", "state")).isEqualTo("Pending")));
        return asked();
    }

    private NodeRequest asked() {
        return NodeRequest.of(centre.get(request()).orElseThrow());
    }

    private void eventuallyClosed() throws Exception {
        eventually(() -> assertThat(centre.get(request())).isEmpty());
    }

    private List<String> requestsOfTheNode() {
        return centre.store.resources().list(Selection.all(Kinds.NODE_REQUEST)).stream()
                .filter(stored -> NodeRequest.of(stored.parse()).nodeName().equals(node.name))
                .map(stored -> stored.key().name())
                .toList();
    }

    private List<ObjectNode> events(String reason) {
        return centre.store.resources().list(Selection.in(Kinds.EVENT, "default")).stream()
                .map(stored -> stored.parse())
                .filter(event -> event.path("reason").asText().equals(reason))
                .filter(event -> Json.textAt(event, "involvedObject", "kind").equals("Node"))
                .filter(event -> Json.textAt(event, "involvedObject", "name").equals(node.name))
                .toList();
    }

    private ObjectKey request() {
        return NodeRequest.key(node.name, NodeRequest.RELEASE_DELETIONS);
    }

    private ObjectKey key(int pod) {
        return key("pod-" + pod);
    }

    private ObjectKey key(String pod) {
        return ObjectKey.of(Kinds.POD, namespace, pod);
    }
}
