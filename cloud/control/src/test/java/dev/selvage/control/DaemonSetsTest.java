package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** DaemonSets over nodes that carry out what is bound to them (issue 4: controllers; upstream apps/v1). */
class DaemonSetsTest {
    private final Centre centre = Centre.start();
    private final Fleet fleet = new Fleet(centre);

    @BeforeEach
    void begin() {
        centre.node("edge-1", "\"kind\":\"gateway\"");
        centre.node("edge-2", "\"kind\":\"gateway\"");
        centre.node("edge-3", "\"kind\":\"camera\"");
    }

    @AfterEach
    void end() {
        fleet.close();
        centre.close();
    }

    private void daemonSet(String more) {
        centre.createRaw("""
                {"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"namespace":"default","name":"agent"},
                 "spec":{"revisionHistoryLimit":10,
                   "updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":1,"maxSurge":0}},
                   "selector":{"matchLabels":{"app":"agent"}},
                   "template":{"metadata":{"labels":{"app":"agent"}},
                     "spec":{"runtimeClassName":"process","hostNetwork":true,"restartPolicy":"Always",
                       "containers":[{"name":"c","image":"host:/v1","command":["sleep","1d"]}]}}}}""");
        if (!more.isEmpty()) {
            change(spec -> spec.setAll(Json.parseObject("{" + more + "}")));
        }
    }

    private void change(Consumer<ObjectNode> spec) {
        centre.change(
                ObjectKey.of(Kinds.DAEMON_SET, "default", "agent"), object -> spec.accept(Json.child(object, "spec")));
    }

    private void image(String image) {
        change(spec ->
                ((ObjectNode) Json.at(spec, "template", "spec", "containers").get(0)).put("image", image));
    }

    private int status(String field) {
        return Json.at(centre.get(Kinds.DAEMON_SET, "agent"), "status", field).asInt(0);
    }

    private void everywhere(String image, String... nodes) {
        eventually(() -> {
            assertThat(fleet.pods().stream().map(Fleet::node).sorted()).containsExactly(nodes);
            assertThat(fleet.pods())
                    .allSatisfy(pod -> assertThat(Fleet.image(pod)).isEqualTo(image));
            assertThat(status("desiredNumberScheduled")).isEqualTo(nodes.length);
            assertThat(status("updatedNumberScheduled")).isEqualTo(nodes.length);
            assertThat(status("numberAvailable")).isEqualTo(nodes.length);
            assertThat(status("numberUnavailable")).isZero();
        });
    }

    private List<ObjectNode> revisions() {
        return fleet.all(Kinds.CONTROLLER_REVISION);
    }

    @Test
    void eachNodeGetsOnePodAlsoANodeThatComesLater() {
        daemonSet("");
        everywhere("host:/v1", "edge-1", "edge-2", "edge-3");

        centre.node("edge-4", "");

        everywhere("host:/v1", "edge-1", "edge-2", "edge-3", "edge-4");
        assertThat(fleet.pods()).allSatisfy(pod -> {
            assertThat(Meta.labels(pod)).containsKeys("app", "controller-revision-hash");
            assertThat(Json.at(pod, "spec", "tolerations").toString())
                    .contains(
                            "node.kubernetes.io/unreachable",
                            "node.kubernetes.io/unschedulable",
                            "network-unavailable");
            assertThat(Json.at(pod, "spec", "affinity").toString()).contains("matchFields", "metadata.name");
        });
    }

    /** "A write that changes nothing must not move the revision": a settled workload is at rest. */
    @Test
    void aSettledSetWritesNothing() {
        daemonSet("");
        everywhere("host:/v1", "edge-1", "edge-2", "edge-3");
        eventually(() -> {
            long before = centre.resources().revision();
            Centre.steadily(
                    Duration.ofMillis(500),
                    () -> assertThat(centre.resources().revision()).isEqualTo(before));
        });
    }

    @Test
    void onlyNodesThatTheTemplateFitsGetAPodAndOneThatFitsNoMoreLosesIt() {
        daemonSet("");
        change(spec -> Json.child(Json.child((ObjectNode) spec.path("template"), "spec"), "nodeSelector")
                .put("kind", "gateway"));
        everywhere("host:/v1", "edge-1", "edge-2");

        centre.change(
                ObjectKey.cluster(Kinds.NODE, "edge-2"),
                node -> Json.child(Meta.of(node), "labels").put("kind", "camera"));

        everywhere("host:/v1", "edge-1");
    }

    @Test
    void aRequiredNodeAffinityChoosesNodesToo() {
        daemonSet("");
        change(spec -> Json.child(
                        Json.child(
                                Json.child(Json.child((ObjectNode) spec.path("template"), "spec"), "affinity"),
                                "nodeAffinity"),
                        "requiredDuringSchedulingIgnoredDuringExecution")
                .putArray("nodeSelectorTerms")
                .addObject()
                .putArray("matchExpressions")
                .addObject()
                .put("key", "kind")
                .put("operator", "NotIn")
                .putArray("values")
                .add("gateway"));

        everywhere("host:/v1", "edge-3");
    }

    /** Design: what differs between nodes they advertise. */
    @Test
    void aNodeThatOffersNoSuchRuntimeGetsNoPod() {
        centre.change(
                ObjectKey.cluster(Kinds.NODE, "edge-3"),
                node -> Json.child(Meta.of(node), "labels").remove("runtime.selvage.dev/process"));
        daemonSet("");

        everywhere("host:/v1", "edge-1", "edge-2");
    }

    @Test
    void aCordonedNodeGetsItsPodAndATaintedOneOnlyKeepsIt() {
        centre.change(
                ObjectKey.cluster(Kinds.NODE, "edge-1"),
                node -> Json.child(node, "spec").put("unschedulable", true));
        daemonSet("");
        everywhere("host:/v1", "edge-1", "edge-2", "edge-3");

        centre.change(
                ObjectKey.cluster(Kinds.NODE, "edge-2"),
                node -> Json.child(node, "spec")
                        .putArray("taints")
                        .addObject()
                        .put("key", "only")
                        .put("effect", "NoSchedule"));

        eventually(() -> assertThat(status("desiredNumberScheduled")).isEqualTo(2));
        assertThat(status("numberMisscheduled")).isEqualTo(1);
        assertThat(fleet.pods()).hasSize(3);
    }

    @Test
    void aRollingUpdateTakesOneNodeAfterTheOtherAndKeepsTheHistory() {
        daemonSet("");
        everywhere("host:/v1", "edge-1", "edge-2", "edge-3");

        image("host:/v2");

        everywhere("host:/v2", "edge-1", "edge-2", "edge-3");
        assertThat(revisions())
                .hasSize(2)
                .extracting(r -> r.path("revision").asInt())
                .containsExactlyInAnyOrder(1, 2);
        assertThat(revisions())
                .allSatisfy(r -> assertThat(Json.textAt(r, "data", "spec", "template", "$patch"))
                        .isEqualTo("replace"));

        image("host:/v1"); // what kubectl rollout undo does

        everywhere("host:/v1", "edge-1", "edge-2", "edge-3");
        assertThat(revisions())
                .hasSize(2)
                .extracting(r -> r.path("revision").asInt())
                .containsExactlyInAnyOrder(2, 3);
    }

    @Test
    void aVersionThatNeverBecomesReadyTakesOneNodeAndNoMore() {
        daemonSet("");
        everywhere("host:/v1", "edge-1", "edge-2", "edge-3");

        image("host:/sick");

        eventually(() -> assertThat(fleet.pods())
                .filteredOn(p -> Fleet.image(p).equals("host:/sick"))
                .hasSize(1));
        Centre.steadily(
                Duration.ofMillis(300),
                () -> assertThat(fleet.pods())
                        .filteredOn(p -> Fleet.image(p).equals("host:/v1"))
                        .hasSize(2));
        assertThat(status("numberUnavailable")).isEqualTo(1);

        image("host:/v3");
        everywhere("host:/v3", "edge-1", "edge-2", "edge-3");
    }

    @Test
    void aSurgeHasTheNewPodReadyBeforeTheOldOneGoes() {
        daemonSet(
                "\"updateStrategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":0,\"maxSurge\":1}}");
        everywhere("host:/v1", "edge-1", "edge-2", "edge-3");
        image("host:/sick");
        eventually(() -> assertThat(fleet.pods()).hasSize(4));
        Centre.steadily(
                Duration.ofMillis(300),
                () -> assertThat(fleet.pods())
                        .filteredOn(p -> Fleet.image(p).equals("host:/v1"))
                        .hasSize(3));

        image("host:/v2");

        everywhere("host:/v2", "edge-1", "edge-2", "edge-3");
    }

    @Test
    void onDeleteLeavesPodsUntilSomebodyDeletesThem() {
        daemonSet("\"updateStrategy\":{\"type\":\"OnDelete\"}");
        eventually(() -> assertThat(status("numberAvailable")).isEqualTo(3));
        image("host:/v2");
        eventually(() -> assertThat(status("updatedNumberScheduled")).isZero());

        ObjectNode victim = fleet.pods().getFirst();
        centre.delete(ObjectKey.of(victim));

        eventually(() -> assertThat(status("updatedNumberScheduled")).isEqualTo(1));
        assertThat(fleet.pods())
                .filteredOn(p -> Fleet.image(p).equals("host:/v1"))
                .hasSize(2);
    }

    /** Issue 4: rollouts treat unreachable nodes as deferred, and finish them when they return; none waits for ever. */
    @Test
    void aRolloutSkipsAnUnreachableNodeAndFinishesItWhenItReturns() {
        daemonSet("");
        everywhere("host:/v1", "edge-1", "edge-2", "edge-3");
        fleet.idle("edge-2");
        centre.silence("edge-2");
        eventually(() -> assertThat(centre.condition(Kinds.DAEMON_SET, "agent", "Deferred"))
                .isEqualTo("True"));

        image("host:/v2");

        eventually(() -> {
            assertThat(status("desiredNumberScheduled")).isEqualTo(2);
            assertThat(status("updatedNumberScheduled")).isEqualTo(2);
            assertThat(status("numberAvailable")).isEqualTo(2);
            assertThat(status("numberMisscheduled")).isZero();
        });
        assertThat(fleet.pods())
                .filteredOn(p -> Fleet.node(p).equals("edge-2"))
                .singleElement()
                .satisfies(pod -> {
                    assertThat(Fleet.image(pod)).isEqualTo("host:/v1");
                    assertThat(Meta.deleting(pod)).isFalse();
                });

        fleet.act("edge-2");
        centre.revive("edge-2");

        everywhere("host:/v2", "edge-1", "edge-2", "edge-3");
        eventually(() -> assertThat(Conditions.find(centre.get(Kinds.DAEMON_SET, "agent"), "Deferred"))
                .isEmpty());
    }

    @Test
    void aPodThatEndedIsReplacedAndToldOf() {
        daemonSet("");
        everywhere("host:/v1", "edge-1", "edge-2", "edge-3");
        ObjectNode pod = fleet.pods().getFirst();

        fleet.end(pod, "Failed", 1);

        eventually(() -> assertThat(fleet.pods())
                .hasSize(3)
                .noneMatch(
                        p -> Meta.uid(p).equals(Meta.uid(pod)) || Fleet.phase(p).equals("Failed")));
        assertThat(centre.events("FailedDaemonPod")).isNotEmpty();
    }

    @Test
    void deletingTheSetRemovesItsPodsAndItsHistory() {
        daemonSet("");
        everywhere("host:/v1", "edge-1", "edge-2", "edge-3");

        centre.delete(ObjectKey.of(Kinds.DAEMON_SET, "default", "agent"));

        eventually(() -> {
            assertThat(fleet.pods()).isEmpty();
            assertThat(revisions()).isEmpty();
        });
    }
}
