package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The scheduler on a real store; upstream's conditions, reasons and events (core/v1 PodCondition, PodScheduled). */
@Timeout(120)
class SchedulingTest {
    @Test
    void aPodIsBoundWithItsConditionAndAnEvent() {
        try (Centre centre = Centre.start()) {
            centre.node("edge-1", "");
            centre.pod("web", "100m", "");
            eventually(() -> assertThat(centre.nodeOf("web")).isEqualTo("edge-1"));
            eventually(() -> assertThat(centre.condition(Kinds.POD, "web", "PodScheduled"))
                    .isEqualTo("True"));
            eventually(() -> assertThat(centre.events("Scheduled"))
                    .singleElement()
                    .satisfies(event -> assertThat(Json.textAt(event, "message"))
                            .isEqualTo("Successfully assigned default/web to edge-1")));
        }
    }

    @Test
    void aPendingPodSaysWhyAndIsBoundAsSoonAsANodeFits() {
        try (Centre centre = Centre.start()) {
            centre.node("edge-1", "");
            centre.pod("wide", "3", "");
            eventually(() -> assertThat(centre.conditionMessage(Kinds.POD, "wide", "PodScheduled"))
                    .isEqualTo("0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available:"
                            + " 1 No preemption victims found for incoming pod."));
            assertThat(centre.condition(Kinds.POD, "wide", "PodScheduled")).isEqualTo("False");
            centre.changeStatus(
                    ObjectKey.cluster(Kinds.NODE, "edge-1"),
                    node -> Json.child(Json.child(node, "status"), "allocatable")
                            .put("cpu", "4"));
            eventually(() -> assertThat(centre.nodeOf("wide")).isEqualTo("edge-1"));
            eventually(() -> assertThat(centre.condition(Kinds.POD, "wide", "PodScheduled"))
                    .isEqualTo("True"));
        }
    }

    @Test
    void aPodThatWaitsLongHasOneEventHoweverOftenItIsLookedAt() {
        try (Centre centre = Centre.start()) {
            centre.node("edge-1", "");
            centre.pod("wide", "3", "");
            for (int i = 2; i < 8; i++) {
                centre.node("edge-" + i, "");
                int nodes = i;
                eventually(() -> assertThat(centre.conditionMessage(Kinds.POD, "wide", "PodScheduled"))
                        .startsWith("0/" + nodes + " nodes are available: " + nodes + " Insufficient cpu. "));
            }
            assertThat(centre.events("FailedScheduling")).hasSize(1);
        }
    }

    @Test
    void aCrowdOfPodsFillsTheNodesAndNeverMore() {
        try (Centre centre = Centre.start()) {
            centre.node("edge-1", "");
            centre.node("edge-2", "");
            for (int i = 0; i < 30; i++) {
                centre.pod("p" + i, "10m", "");
            }
            eventually(() -> assertThat(bound(centre)).hasSize(20));
            assertThat(bound(centre).stream().filter("edge-1"::equals)).hasSize(10);
            eventually(() -> assertThat(centre.resources().list(Selection.all(Kinds.POD)).stream()
                            .map(Stored::parse)
                            .filter(pod -> Json.textAt(pod, "spec", "nodeName").isEmpty())
                            .map(pod -> centre.conditionMessage(Kinds.POD, Meta.name(pod), "PodScheduled")))
                    .hasSize(10)
                    .allSatisfy(
                            message -> assertThat(message).startsWith("0/2 nodes are available: 2 Too many pods. ")));
        }
    }

    /** "Pod Priority and Preemption": graceful deletion, nominatedNodeName, the event Preempted, condition DisruptionTarget. */
    @Test
    void anImportantPodTakesThePlaceOfALesserOneOnceThatHasGone() {
        try (Centre centre = Centre.start()) {
            centre.node("edge-1", "");
            centre.pod("lesser", "1500m", "\"priority\":1");
            centre.pod("least", "500m", "\"priority\":0");
            eventually(() -> assertThat(centre.nodeOf("lesser")).isEqualTo("edge-1"));
            eventually(() -> assertThat(centre.nodeOf("least")).isEqualTo("edge-1"));
            centre.pod("important", "400m", "\"priority\":1000");
            eventually(() -> assertThat(Json.textAt(centre.get(Kinds.POD, "important"), "status", "nominatedNodeName"))
                    .isEqualTo("edge-1"));
            eventually(() ->
                    assertThat(Meta.deleting(centre.get(Kinds.POD, "least"))).isTrue());
            assertThat(centre.condition(Kinds.POD, "least", "DisruptionTarget")).isEqualTo("True");
            eventually(() -> assertThat(centre.events("Preempted"))
                    .singleElement()
                    .satisfies(event -> assertThat(Json.textAt(event, "message"))
                            .isEqualTo("Preempted by pod " + Meta.uid(centre.get(Kinds.POD, "important"))
                                    + " on node edge-1")));
            eventually(() -> assertThat(centre.conditionMessage(Kinds.POD, "important", "PodScheduled"))
                    .startsWith("0/1 nodes are available: 1 Insufficient cpu."));
            assertThat(centre.nodeOf("important")).isEmpty();
            centre.resources()
                    .delete(
                            ObjectKey.of(Kinds.POD, "default", "least"),
                            dev.selvage.store.DeleteOptions.now(Meta.uid(centre.get(Kinds.POD, "least"))));
            eventually(() -> assertThat(centre.nodeOf("important")).isEqualTo("edge-1"));
            assertThat(Meta.deleting(centre.get(Kinds.POD, "lesser"))).isFalse();
        }
    }

    /** kube-scheduler's PrioritySort: of those that wait the most important one is bound first. */
    @Test
    void roomGoesToTheMostImportantOfThoseThatWait() {
        try (Centre centre = Centre.start()) {
            for (int i = 0; i < 5; i++) {
                centre.pod("p" + i, "2", "\"preemptionPolicy\":\"Never\",\"priority\":" + (i == 3 ? 100 : i));
            }
            eventually(() -> assertThat(centre.events("FailedScheduling")).hasSize(5));
            centre.node("edge-1", "");
            eventually(() -> assertThat(centre.nodeOf("p3")).isEqualTo("edge-1"));
            eventually(() -> assertThat(centre.conditionMessage(Kinds.POD, "p4", "PodScheduled"))
                    .contains("Insufficient cpu"));
        }
    }

    @Test
    void replicasSpreadOverSitesAndTheRestWaitsForAThirdOne() {
        try (Centre centre = Centre.start()) {
            centre.node("a", "\"selvage.dev/site\":\"a\"");
            centre.node("b", "\"selvage.dev/site\":\"b\"");
            for (int i = 0; i < 3; i++) {
                centre.createRaw("""
                        {"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"default","name":"p%d","labels":{"app":"web"}},
                         "spec":{"runtimeClassName":"process","containers":[{"name":"c","image":"host"}],
                          "topologySpreadConstraints":[{"maxSkew":1,"minDomains":3,"topologyKey":"selvage.dev/site",
                            "whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"web"}}}]}}""".formatted(i));
            }
            eventually(() -> assertThat(boundSites(centre)).containsExactlyInAnyOrder("a", "b", ""));
            centre.node("c", "\"selvage.dev/site\":\"c\"");
            eventually(() -> assertThat(boundSites(centre)).containsExactlyInAnyOrder("a", "b", "c"));
        }
    }

    private static List<String> boundSites(Centre centre) {
        return List.of(centre.nodeOf("p0"), centre.nodeOf("p1"), centre.nodeOf("p2"));
    }

    private static List<String> bound(Centre centre) {
        List<String> nodes = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            String node = centre.nodeOf("p" + i);
            if (!node.isEmpty()) {
                nodes.add(node);
            }
        }
        return nodes;
    }
}
