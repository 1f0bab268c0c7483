package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static dev.selvage.control.Centre.steadily;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Design, "Pods on nodes that cannot be reached"; here 40 s are 2 s, the grace of a start 3 s, a mass freeze 15 s. */
@Timeout(120)
class LifecycleTest {
    @Test
    void aSilentNodeIsMarkedItsPodsKeepTheirPhaseAndAllIsTakenBackOnReturn() {
        try (Centre centre = Centre.start()) {
            centre.node("edge-1", "");
            centre.node("edge-2", "");
            centre.pod(
                    "web", "1", "\"nodeSelector\":{\"runtime.selvage.dev/process\":\"true\"},\"nodeName\":\"edge-1\"");
            centre.changeStatus(
                    ObjectKey.of(Kinds.POD, "default", "web"),
                    pod -> Json.child(pod, "status").put("phase", "Running"));
            centre.silence("edge-1");
            eventually(() -> assertThat(ready(centre, "edge-1")).isEqualTo("Unknown/NodeStatusUnknown"));
            eventually(() -> assertThat(taints(centre, "edge-1"))
                    .contains("\"key\":\"node.kubernetes.io/unreachable\",\"effect\":\"NoSchedule\""));
            eventually(() ->
                    assertThat(centre.condition(Kinds.POD, "web", "Linked")).isEqualTo("Unknown"));
            assertThat(Json.textAt(centre.get(Kinds.POD, "web"), "status", "phase"))
                    .isEqualTo("Running");
            assertThat(ready(centre, "edge-2")).isEqualTo("True/AgentReady");
            centre.revive("edge-1");
            eventually(() -> assertThat(ready(centre, "edge-1")).isEqualTo("True/AgentReady"));
            eventually(() -> assertThat(taints(centre, "edge-1")).isEmpty());
            eventually(() ->
                    assertThat(centre.condition(Kinds.POD, "web", "Linked")).isEqualTo("True"));
            assertThat(Meta.deleting(centre.get(Kinds.POD, "web"))).isFalse();
            assertThat(Meta.annotations(centre.get(Kinds.NODE, "edge-1"))).isEmpty();
        }
    }

    @Test
    void whenMostNodesFallSilentTogetherNoneIsMarked() {
        try (Centre centre = Centre.start()) {
            for (String node : new String[] {"a", "b", "c", "d"}) {
                centre.node(node, "");
            }
            centre.pod("web", "1", "\"nodeName\":\"a\"");
            Centre.pause(Centre.FAST.grace());
            centre.silence("a", "b", "c");
            eventually(() -> assertThat(centre.events("NodeDecisionsFrozen")).isNotEmpty());
            steadily(Duration.ofSeconds(3), () -> {
                for (String node : new String[] {"a", "b", "c", "d"}) {
                    assertThat(ready(centre, node)).isEqualTo("True/AgentReady");
                }
            });
            centre.revive("b", "c");
            eventually(() -> assertThat(ready(centre, "a")).isEqualTo("Unknown/NodeStatusUnknown"));
            eventually(() ->
                    assertThat(centre.condition(Kinds.POD, "web", "Linked")).isEqualTo("Unknown"));
        }
    }

    @Test
    void podsOfADeletedNodeAreRemovedAndAPodForANodeToComeIsNot() {
        try (Centre centre = Centre.start()) {
            centre.node("edge-1", "");
            centre.pod("web", "1", "");
            centre.pod("early", "1", "\"nodeName\":\"edge-9\"");
            eventually(() -> assertThat(centre.condition(Kinds.POD, "web", "PodScheduled"))
                    .isEqualTo("True"));
            centre.silence("edge-1");
            centre.resources().delete(ObjectKey.cluster(Kinds.NODE, "edge-1"), DeleteOptions.DEFAULT);
            eventually(() -> assertThat(centre.find(Kinds.POD, "web")).isEmpty());
            assertThat(centre.conditionMessage(Kinds.POD, "early", "Linked")).isEqualTo("There is no node edge-9 yet.");
            centre.node("edge-9", "");
            eventually(() ->
                    assertThat(centre.condition(Kinds.POD, "early", "Linked")).isEqualTo("True"));
        }
    }

    @Test
    void aSiteCountsItsNodesAndThoseThatAreReady() {
        try (Centre centre = Centre.start()) {
            centre.create("selvage.dev/v1alpha1", "Site", "", "shop", "");
            centre.node("edge-1", "\"selvage.dev/site\":\"shop\"");
            centre.node("edge-2", "\"selvage.dev/site\":\"shop\"");
            centre.node("edge-3", "");
            eventually(() -> assertThat(
                            centre.get(Kinds.SITE, "shop").path("status").toString())
                    .isEqualTo("{\"nodes\":2,\"nodesReady\":2}"));
            centre.silence("edge-2");
            eventually(() -> assertThat(
                            centre.get(Kinds.SITE, "shop").path("status").toString())
                    .isEqualTo("{\"nodes\":2,\"nodesReady\":1}"));
        }
    }

    @Test
    void whileTheDatabaseDoesNotAnswerNobodyIsJudgedAndAfterwardsEveryoneHasTimeToComeBack() {
        try (Centre centre = Centre.start()) {
            centre.node("edge-1", "");
            Centre.pause(Centre.FAST.grace());
            centre.heartbeatsUnreadable(true);
            centre.silence("edge-1");
            steadily(
                    Centre.FAST.unreachableAfter().multipliedBy(2),
                    () -> assertThat(ready(centre, "edge-1")).isEqualTo("True/AgentReady"));
            centre.heartbeatsUnreadable(false);
            steadily(
                    Centre.FAST.grace().dividedBy(2),
                    () -> assertThat(ready(centre, "edge-1")).isEqualTo("True/AgentReady"));
            eventually(() -> assertThat(ready(centre, "edge-1")).isEqualTo("Unknown/NodeStatusUnknown"));
        }
    }

    private static String ready(Centre centre, String node) {
        return Conditions.find(centre.get(Kinds.NODE, node), "Ready")
                .map(ready -> Json.textAt(ready, "status") + "/" + Json.textAt(ready, "reason"))
                .orElse("none");
    }

    private static String taints(Centre centre, String name) {
        ObjectNode node = centre.get(Kinds.NODE, name);
        return node.path("spec").has("taints") ? Json.at(node, "spec", "taints").toString() : "";
    }
}
