package dev.selvage.control.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import org.junit.jupiter.api.Test;

/** Upstream's kube-scheduler: filters, their order and the words of its FitError. */
class ClusterTest {
    private final Cluster cluster = new Cluster();

    @Test
    void aPodThatFitsNowhereIsToldWhyOfEachNode() {
        node("a", "\"taints\":[{\"key\":\"k\",\"value\":\"v\",\"effect\":\"NoSchedule\"}]", "2", "4Gi");
        node("b", "", "500m", "4Gi");
        node("c", "", "250m", "4Gi");
        assertThat(choose(pod("p", "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1\"}}}]")))
                .isEqualTo(new Choice.Nowhere(
                        "0/3 nodes are available: 1 node(s) had untolerated taint {k: v}, 2 Insufficient cpu."
                                + " preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling,"
                                + " 2 No preemption victims found for incoming pod."));
    }

    @Test
    void aNodeLackingSeveralResourcesNamesEach() {
        node("a", "", "1", "1Gi");
        assertThat(
                        choose(
                                pod(
                                        "p",
                                        "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"2\",\"memory\":\"2Gi\",\"example.com/gpu\":\"1\"}}}]")))
                .isEqualTo(
                        new Choice.Nowhere(
                                "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient example.com/gpu, 1 Insufficient memory."
                                        + " preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."));
    }

    @Test
    void withoutNodesThePodIsToldSo() {
        assertThat(choose(pod("p", ""))).isEqualTo(new Choice.Nowhere("no nodes available to schedule pods"));
    }

    @Test
    void theLeastLoadedNodeIsChosenAndRoomIsCountedAtOnce() {
        node("a", "", "2", "4Gi");
        node("b", "", "2", "4Gi");
        String asks = "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1\"}}}]";
        for (String expected : new String[] {"a", "b", "a", "b"}) {
            SchedulablePod pod = pod("to-" + expected + cluster.hashCode() + System.nanoTime(), asks);
            assertThat(choose(pod)).isEqualTo(new Choice.Fits(expected));
            cluster.pod(pod.on(expected));
        }
        assertThat(choose(pod("fifth", asks)))
                .isEqualTo(new Choice.Nowhere(
                        "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available:"
                                + " 2 No preemption victims found for incoming pod."));
    }

    @Test
    void aFinishedOrRemovedPodMakesRoom() {
        node("a", "", "1", "4Gi");
        String asks = "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1\"}}}]";
        SchedulablePod first = pod("first", asks).on("a");
        cluster.pod(first);
        assertThat(choose(pod("second", asks))).isInstanceOf(Choice.Nowhere.class);
        assertThat(cluster.podGone(first.key())).isTrue();
        assertThat(choose(pod("second", asks))).isEqualTo(new Choice.Fits("a"));
    }

    @Test
    void cordonNotReadySelectorAndRuntimeEachHaveTheirWords() {
        node("cordoned", "\"unschedulable\":true", "1", "1Gi");
        cluster.node(Node.of(object("dark", "", "1", "1Gi", "Unknown", "process")));
        cluster.node(Node.of(object("containers", "", "1", "1Gi", "True", "container")));
        node("elsewhere", "", "1", "1Gi");
        cluster.nodeGone("elsewhere");
        ObjectNode labelled = object("labelled", "", "1", "1Gi", "True", "container");
        Json.child(Json.child(labelled, "metadata"), "labels").put("zone", "x");
        cluster.node(Node.of(labelled));
        assertThat(choose(pod("p", "\"nodeSelector\":{\"zone\":\"x\"}")))
                .isEqualTo(new Choice.Nowhere(
                        "0/4 nodes are available: 1 node(s) didn't match Pod's node affinity/selector,"
                                + " 1 node(s) didn't offer runtime process,"
                                + " 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: },"
                                + " 1 node(s) were unschedulable."
                                + " preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling."));
    }

    @Test
    void aTolerationOfEverythingOpensTaintedCordonedAndSilentNodes() {
        cluster.node(Node.of(object(
                "a",
                "\"unschedulable\":true,\"taints\":[{\"key\":\"k\",\"effect\":\"NoExecute\"}]",
                "1",
                "1Gi",
                "Unknown",
                "process")));
        assertThat(choose(pod("p", "\"tolerations\":[{\"operator\":\"Exists\"}]")))
                .isEqualTo(new Choice.Fits("a"));
    }

    @Test
    void preferNoScheduleIsAvoidedButNotForbidden() {
        node("a", "\"taints\":[{\"key\":\"k\",\"effect\":\"PreferNoSchedule\"}]", "8", "8Gi");
        assertThat(choose(pod("p", ""))).isEqualTo(new Choice.Fits("a"));
        node("b", "", "1", "1Gi");
        assertThat(choose(pod("p", ""))).isEqualTo(new Choice.Fits("b"));
    }

    @Test
    void aHostPortIsTakenOnce() {
        node("a", "", "1", "1Gi");
        String port = "\"containers\":[{\"ports\":[{\"hostPort\":8080}]}]";
        cluster.pod(pod("first", port).on("a"));
        assertThat(choose(pod("second", port)))
                .isEqualTo(
                        new Choice.Nowhere(
                                "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
                                        + " preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."));
    }

    @Test
    void aNodeTakesNoMorePodsThanItSays() {
        node("a", "", "1", "1Gi");
        for (int i = 0; i < 110; i++) {
            cluster.pod(pod("p" + i, "").on("a"));
        }
        assertThat(choose(pod("p", "")))
                .isEqualTo(new Choice.Nowhere("0/1 nodes are available: 1 Too many pods."
                        + " preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."));
    }

    private Choice choose(SchedulablePod pod) {
        return cluster.choose(pod);
    }

    private void node(String name, String spec, String cpu, String memory) {
        cluster.node(Node.of(object(name, spec, cpu, memory, "True", "process")));
    }

    private static ObjectNode object(
            String name, String spec, String cpu, String memory, String ready, String runtime) {
        return Json.parseObject("""
                {"metadata":{"name":"%s","labels":{"runtime.selvage.dev/%s":"true"}},"spec":{%s},
                 "status":{"allocatable":{"cpu":"%s","memory":"%s"},"conditions":[{"type":"Ready","status":"%s"}]}}""".formatted(name, runtime, spec, cpu, memory, ready));
    }

    static SchedulablePod pod(String name, String spec) {
        String all = "\"runtimeClassName\":\"process\"" + (spec.isEmpty() ? "" : "," + spec);
        ObjectNode object = Json.parseObject(
                "{\"metadata\":{\"name\":\"" + name + "\",\"uid\":\"" + name + "\"},\"spec\":{" + all + "}}");
        return SchedulablePod.of(ObjectKey.of(Kinds.POD, "default", name), object);
    }
}
