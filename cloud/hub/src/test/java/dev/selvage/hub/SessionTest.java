package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.NodeEvent;
import dev.selvage.session.SliceChange;
import dev.selvage.session.StatusReport;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import dev.selvage.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Design "Link": slices down with a difference on connect, statuses up; "Security": a node reads its slice and writes its own statuses, nothing else. */
class SessionTest {
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
    void aPodComesWithTheConfigMapThatItNamesAndNothingElse() throws Exception {
        config("settings", "red");
        config("others", "blue");
        pod("web", node.name);
        pod("elsewhere", "another-node");
        holds(key("web"), config("settings"));
    }

    @Test
    void aChangedConfigMapIsSentAgainAndARemovedPodTakesItsConfigMapAlong() throws Exception {
        config("settings", "red");
        pod("web", node.name);
        holds(key("web"), config("settings"));
        centre.change(config("settings"), object -> Json.child(object, "data").put("colour", "green"));
        eventually(() -> assertThat(node.object(config("settings")))
                .hasValueSatisfying(object ->
                        assertThat(Json.textAt(object, "data", "colour")).isEqualTo("green")));
        centre.store.resources().delete(key("web"), dev.selvage.store.DeleteOptions.now(uid(key("web"))));
        holds();
    }

    @Test
    void aDeviceComesWithItsModelAndTheStreamsOverItInItsNamespace() throws Exception {
        String model = "room-" + count;
        centre.create(
                Kinds.DEVICE_MODEL,
                "",
                model,
                "{\"spec\": {\"properties\": [{\"name\": \"t\", \"type\": \"number\"}]}}");
        Stored stream = centre.create(
                Kinds.STREAM,
                namespace,
                "average",
                "{\"spec\": {\"sql\": \"SELECT 1\", \"sink\": {\"property\": {}}}}");
        centre.create(
                Kinds.STREAM,
                namespace,
                "foreign",
                "{\"spec\": {\"sql\": \"SELECT 1\", \"sink\": {\"property\": {}}}}");
        plan(stream.key(), model);
        plan(ObjectKey.of(Kinds.STREAM, namespace, "foreign"), "another-model");
        centre.create(
                Kinds.DEVICE,
                namespace,
                "room",
                "{\"spec\": {\"model\": \"" + model + "\", \"nodeName\": \"" + node.name + "\"}}");
        holds(
                ObjectKey.cluster(Kinds.DEVICE_MODEL, model),
                ObjectKey.of(Kinds.DEVICE, namespace, "room"),
                stream.key());
    }

    @Test
    void anEmptySliceIsAnAnswerSoThatANodeThatLostItsStateLetsGoOfItsOldPods() throws Exception {
        eventually(() -> {
            assertThat(node.incarnation()).isEqualTo(centre.store.resources().incarnation());
            assertThat(node.revision()).isPositive();
        });
    }

    @Test
    void onReconnectOnlyTheDifferenceIsSent() throws Exception {
        config("settings", "red");
        pod("web", node.name);
        pod("api", node.name);
        holds(key("api"), key("web"), config("settings"));
        node.stop();
        int before = node.changes().size();
        centre.change(config("settings"), object -> Json.child(object, "data").put("colour", "green"));
        centre.store.resources().delete(key("api"), dev.selvage.store.DeleteOptions.now(uid(key("api"))));
        node.start();
        holds(key("web"), config("settings"));
        var after = node.changes().subList(before, node.changes().size());
        assertThat(after.stream().flatMap(change -> change.puts().stream()).map(SliceChange.Put::key))
                .containsExactly(config("settings"));
        assertThat(after.stream().flatMap(change -> change.deletes().stream()).map(SliceChange.Delete::key))
                .containsExactly(key("api"));
    }

    @Test
    void theNodeComesBackAfterTheHubDied() throws Exception {
        centre.restartHub();
        eventually(() ->
                assertThat(node.heard()).filteredOn(h -> h.startsWith("linked")).hasSizeGreaterThan(1));
        config("settings", "red");
        pod("web", node.name);
        holds(key("web"), config("settings"));
    }

    @Test
    void whatAnotherIncarnationLeftOnTheNodeIsNotDeleted() throws Exception {
        node.stop();
        var foreign = ObjectKey.of(Kinds.POD, namespace, "from-the-backup");
        node.hold(new SliceChange.Put(foreign, "u-1", 7, "{}".getBytes(StandardCharsets.UTF_8)));
        node.pretend("another-incarnation", 1_000_000);
        config("settings", "red");
        pod("web", node.name);
        node.start();
        holds(foreign, key("web"), config("settings"));
        assertThat(node.incarnation()).isEqualTo("another-incarnation");
        // Live deletes are obeyed at once, and the foreign pod still stays.
        centre.store.resources().delete(key("web"), dev.selvage.store.DeleteOptions.now(uid(key("web"))));
        holds(foreign);
    }

    /** Design "Link": an old backup must never wipe a site, also where the hub goes on while the database under it is restored. */
    @Test
    void aBackupThatIsRestoredUnderALiveSessionDeletesNothingOnTheNode() throws Exception {
        pod("web", node.name);
        config("settings", "red");
        holds(key("web"), config("settings"));
        String before = node.incarnation();
        long revision = centre.store.resources().revision();
        TestDatabase.run(
                centre.database,
                "SELECT FROM counter FOR UPDATE",
                "DELETE FROM object WHERE namespace = '" + namespace + "'",
                // a backup is whole: what it has of objects it has the content of, which else lies in the log
                "UPDATE object o SET json = c.json FROM change c WHERE o.json IS NULL AND c.revision = o.revision",
                "DELETE FROM change WHERE revision > " + (revision - 2),
                "UPDATE counter SET revision = " + (revision - 2) + ", incarnation = 'restored'");
        eventually(() -> assertThat(centre.store.resources().incarnation()).isEqualTo("restored"));
        eventually(() ->
                assertThat(node.heard()).filteredOn(h -> h.startsWith("linked")).hasSizeGreaterThan(1));
        Stored after = pod("after", node.name);
        holds(key("web"), config("settings"), after.key());
        assertThat(node.incarnation()).isEqualTo(before);
    }

    @Test
    void aStatusIsWrittenBackAndDoesNotComeDownAgain() throws Exception {
        pod("web", node.name);
        eventually(() -> assertThat(node.keys()).contains(key("web")));
        centre.store.resources().mutateStatus(key("web"), object -> {
            Json.child(object, "status")
                    .withArray("conditions")
                    .addObject()
                    .put("type", "PodScheduled")
                    .put("status", "True");
            return object;
        });
        node.session().status(new StatusReport(key("web"), uid(key("web")), running()));
        eventually(() -> assertThat(centre.get(key("web"))).hasValueSatisfying(pod -> {
            assertThat(Json.textAt(pod, "status", "phase")).isEqualTo("Running");
            assertThat(pod.path("status").path("conditions").toString()).contains("PodScheduled", "Ready");
        }));
        eventually(() -> assertThat(node.session().reportsStored()).isTrue());
        assertThat(node.changes().stream()
                        .flatMap(change -> change.puts().stream())
                        .filter(put -> put.key().equals(key("web"))))
                .hasSize(1);
    }

    @Test
    void aStatusOfAnotherNodesPodOrOfAnOldUidIsRefusedAndChangesNothing() throws Exception {
        Stored foreign = pod("foreign", "another-node");
        Stored own = pod("own", node.name);
        node.session().status(new StatusReport(foreign.key(), foreign.uid(), running()));
        node.session().status(new StatusReport(own.key(), "an-old-uid", running()));
        node.session()
                .status(new StatusReport(
                        ObjectKey.cluster(Kinds.NODE, "another-node"),
                        "",
                        Json.object().put("phase", "mine")));
        eventually(() -> assertThat(node.heard().stream().filter(h -> h.startsWith("report refused")))
                .hasSize(3)
                .anyMatch(h -> h.contains("foreign") && h.contains("does not belong to node"))
                .anyMatch(h -> h.contains("an-old-uid")));
        assertThat(Json.textAt(centre.get(foreign.key()).orElseThrow(), "status", "phase"))
                .isNotEqualTo("Running");
    }

    @Test
    void theNodeWritesItsOwnNodesStatusByName() throws Exception {
        var status = Json.object();
        status.putObject("nodeInfo").put("architecture", "amd64");
        node.session().status(new StatusReport(ObjectKey.cluster(Kinds.NODE, node.name), "", status));
        eventually(() -> assertThat(centre.get(ObjectKey.cluster(Kinds.NODE, node.name)))
                .hasValueSatisfying(n -> assertThat(Json.textAt(n, "status", "nodeInfo", "architecture"))
                        .isEqualTo("amd64")));
    }

    @Test
    void aDeletedPodStaysTerminatingUntilTheNodeConfirmsThatItIsGone() throws Exception {
        Stored pod = pod("web", node.name);
        eventually(() -> assertThat(node.keys()).contains(key("web")));
        centre.delete(key("web"));
        eventually(() -> assertThat(node.object(key("web")))
                .hasValueSatisfying(object -> assertThat(Meta.deleting(object)).isTrue()));
        node.session().podGone(key("web"), pod.uid());
        eventually(() -> assertThat(centre.get(key("web"))).isEmpty());
        eventually(() -> assertThat(node.keys()).doesNotContain(key("web")));
    }

    @Test
    void aPodThatNobodyDeletedIsNotGoneBecauseTheNodeSaysSo() throws Exception {
        Stored pod = pod("web", node.name);
        node.session().podGone(key("web"), pod.uid());
        eventually(() -> assertThat(node.heard()).anyMatch(h -> h.contains("nobody has deleted it")));
        assertThat(centre.get(key("web"))).isPresent();
    }

    @Test
    void equalEventsAreOneEventWithACount() throws Exception {
        Stored pod = pod("web", node.name);
        for (int i = 0; i < 3; i++) {
            node.session()
                    .event(new NodeEvent(key("web"), pod.uid(), true, "BackOff", "restarting main", Instant.now()));
            eventually(() -> assertThat(node.session().reportsStored()).isTrue());
        }
        var events = centre.store.resources().list(Selection.in(Kinds.EVENT, namespace));
        assertThat(events).hasSize(1);
        ObjectNode event = events.getFirst().parse();
        assertThat(event.path("count").asInt()).isEqualTo(3);
        assertThat(event.path("type").asText()).isEqualTo("Warning");
        assertThat(Json.textAt(event, "involvedObject", "uid")).isEqualTo(pod.uid());
        assertThat(Json.textAt(event, "source", "host")).isEqualTo(node.name);
    }

    /** RFC 3339: Go's clients refuse a whole list for one time that they cannot read. */
    @Test
    void anEventOfAnImpossibleTimeGetsTheCentresTime() throws Exception {
        Stored pod = pod("web", node.name);
        node.session()
                .event(new NodeEvent(
                        key("web"), pod.uid(), true, "BackOff", "from afar", Instant.ofEpochMilli(Long.MAX_VALUE)));
        eventually(() -> assertThat(centre.store.resources().list(Selection.in(Kinds.EVENT, namespace)))
                .hasSize(1));
        ObjectNode event = centre.store
                .resources()
                .list(Selection.in(Kinds.EVENT, namespace))
                .getFirst()
                .parse();
        assertThat(Instant.parse(Json.textAt(event, "lastTimestamp")))
                .isBefore(Instant.now().plusSeconds(5));
    }

    @Test
    void heartbeatsRenewTheLease() throws Exception {
        for (int i = 0; i < 3; i++) {
            long begun = System.nanoTime();
            eventually(() -> {
                Duration since = Duration.ofNanos(System.nanoTime() - begun);
                assertThat(centre.store.leases().ages().get(node.name))
                        .as("renewed since this round began")
                        .isLessThan(since);
            });
        }
    }

    @Test
    void aStreamsStatusHasAnEntryForEachNode() throws Exception {
        String model = "entry-" + count;
        centre.create(Kinds.DEVICE_MODEL, "", model, "{\"spec\": {\"properties\": []}}");
        Stored stream = centre.create(
                Kinds.STREAM,
                namespace,
                "average",
                "{\"spec\": {\"sql\": \"SELECT 1\", \"sink\": {\"property\": {}}}}");
        plan(stream.key(), model);
        centre.create(
                Kinds.DEVICE,
                namespace,
                "room",
                "{\"spec\": {\"model\": \"" + model + "\", \"nodeName\": \"" + node.name + "\"}}");
        eventually(() -> assertThat(node.keys()).contains(stream.key()));
        node.session()
                .status(new StatusReport(
                        stream.key(),
                        stream.uid(),
                        Json.object().put("state", "Running").put("message", "")));
        eventually(() -> assertThat(centre.get(stream.key())).hasValueSatisfying(object -> {
            assertThat(object.path("status").path("nodes").toString()).contains(node.name, "Running");
            assertThat(Json.textAt(object, "status", "plan", "model")).isEqualTo(model);
        }));
    }

    private void holds(ObjectKey... keys) throws Exception {
        eventually(() -> assertThat(node.keys()).containsExactlyInAnyOrder(keys));
    }

    private static void plan(ObjectKey stream, String model) {
        centre.store.resources().mutateStatus(stream, object -> {
            Json.child(object, "status").putObject("plan").put("version", 1).put("model", model);
            return object;
        });
    }

    private static ObjectNode running() {
        ObjectNode status = Json.object().put("phase", "Running");
        status.putArray("conditions").addObject().put("type", "Ready").put("status", "True");
        return status;
    }

    private Stored pod(String name, String onNode) {
        ObjectNode pod =
                Json.parseObject("{\"spec\": {\"containers\": [{\"name\": \"main\", \"image\": \"host\", \"envFrom\":"
                        + " [{\"configMapRef\": {\"name\": \"settings\"}}]}]}}");
        Json.child(pod, "spec").put("nodeName", onNode);
        return centre.create(Kinds.POD, namespace, name, Json.text(pod));
    }

    private Stored config(String name, String colour) {
        return centre.create(Kinds.CONFIG_MAP, namespace, name, "{\"data\": {\"colour\": \"" + colour + "\"}}");
    }

    private ObjectKey key(String pod) {
        return ObjectKey.of(Kinds.POD, namespace, pod);
    }

    private ObjectKey config(String name) {
        return ObjectKey.of(Kinds.CONFIG_MAP, namespace, name);
    }

    private String uid(ObjectKey key) {
        return Meta.uid(centre.get(key).orElseThrow());
    }
}
