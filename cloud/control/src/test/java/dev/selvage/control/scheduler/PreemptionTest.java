package dev.selvage.control.scheduler;

import static dev.selvage.control.scheduler.Picture.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Upstream: "Pod Priority and Preemption" (kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption). */
class PreemptionTest {
    private static final String HIGH = ",\"priority\":1000";
    private final Picture picture = new Picture();

    @Test
    void noMorePodsGoThanMustAndTheLowestFirst() {
        picture.node("a", "");
        picture.on("a", "low", "", cpu("500m") + ",\"priority\":1")
                .on("a", "middle", "", cpu("500m") + ",\"priority\":2")
                .on("a", "upper", "", cpu("1") + ",\"priority\":3");
        assertThat(victims(picture.choose("p", "", cpu("500m") + HIGH))).containsExactly("low");
        assertThat(victims(picture.choose("q", "", cpu("1") + HIGH))).containsExactlyInAnyOrder("low", "middle");
    }

    @Test
    void theNodeWhoseHighestVictimIsLowestIsTaken() {
        picture.node("a", "").node("b", "");
        picture.on("a", "a1", "", cpu("2") + ",\"priority\":10")
                .on("b", "b1", "", cpu("1") + ",\"priority\":5")
                .on("b", "b2", "", cpu("1") + ",\"priority\":5");
        assertThat(victims(picture.choose("p", "", cpu("2") + HIGH))).containsExactly("b1", "b2");
    }

    @Test
    void equalsAndHigherOnesStayAndTheWordsSaySo() {
        picture.node("a", "").node("b", "", "\"unschedulable\":true", "True");
        picture.on("a", "same", "", cpu("2") + HIGH);
        assertThat(picture.choose("p", "", cpu("1") + HIGH))
                .isEqualTo(
                        new Choice.Nowhere("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable."
                                + " preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod,"
                                + " 1 Preemption is not helpful for scheduling."));
    }

    /** "preemptionPolicy: Never ... such pods cannot preempt other pods". */
    @Test
    void whoNeverPreemptsWaits() {
        picture.node("a", "").on("a", "low", "", cpu("2"));
        assertThat(picture.choose("p", "", cpu("1") + HIGH + ",\"preemptionPolicy\":\"Never\""))
                .isEqualTo(new Choice.Nowhere("0/1 nodes are available: 1 Insufficient cpu."
                        + " preemption: not eligible due to preemptionPolicy=Never."));
    }

    /** A pod on a node that cannot be reached would stay Terminating: nothing is won. */
    @Test
    void podsOnUnreachableNodesAreNeverPreempted() {
        String tolerant = ",\"tolerations\":[{\"operator\":\"Exists\"}]";
        picture.node("a", "", "", "Unknown").on("a", "low", "", cpu("2"));
        assertThat(picture.choose("p", "", cpu("1") + HIGH + tolerant))
                .isEqualTo(new Choice.Nowhere("0/1 nodes are available: 1 Insufficient cpu."
                        + " preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."));
        picture.node("a", "", "", "True");
        assertThat(victims(picture.choose("p", "", cpu("1") + HIGH + tolerant))).containsExactly("low");
    }

    @Test
    void roomThatIsBeingMadeIsKeptFromEqualsAndNotFromHigherOnes() {
        picture.node("a", "").on("a", "low", "", cpu("2"));
        SchedulablePod pod = Picture.pod("default", "p", "", cpu("2") + HIGH);
        picture.cluster.pod(pod.nominated("a"));
        picture.gone("low");
        assertThat(picture.choose("thief", "", cpu("1") + ",\"priority\":999")).isInstanceOf(Choice.Nowhere.class);
        assertThat(picture.choose("higher", "", cpu("1") + ",\"priority\":1001"))
                .isEqualTo(new Choice.Fits("a"));
        assertThat(picture.cluster.choose(pod.nominated("a"))).isEqualTo(new Choice.Fits("a"));
    }

    @Test
    void nobodyElseGoesWhileThoseOnTheirWayOutMakeRoom() {
        picture.node("a", "").on("a", "low", "", cpu("1")).on("a", "other", "", cpu("1"));
        SchedulablePod pod = Picture.pod("default", "p", "", cpu("1") + HIGH).nominated("a");
        picture.cluster.pod(pod);
        picture.cluster.pod(picture.placed("low").doomed());
        assertThat(picture.cluster.choose(pod))
                .isEqualTo(new Choice.Nowhere("0/1 nodes are available: 1 Insufficient cpu."
                        + " preemption: not eligible due to terminating pod on the nominated node."));
    }

    @Test
    void antiAffinityAndSpreadArePreemptedAsResourcesAre() {
        picture.node("a", "selvage.dev/site=a");
        picture.on("a", "web", "app=web", "");
        assertThat(victims(picture.choose(
                        "loner", "", Picture.podAffinity("podAntiAffinity", "selvage.dev/site", "") + HIGH)))
                .containsExactly("web");
        picture.node("b", "selvage.dev/site=b", "\"unschedulable\":true", "True");
        assertThat(victims(picture.choose(
                        "w2", "app=web", Picture.spread("selvage.dev/site", 1, "DoNotSchedule", "") + HIGH)))
                .containsExactly("web");
        assertThat(picture.choose("w3", "app=web", Picture.spread("selvage.dev/site", 1, "DoNotSchedule", "")))
                .as("thinking pods away leaves no trace")
                .isInstanceOf(Choice.Nowhere.class);
    }

    private static List<String> victims(Choice choice) {
        assertThat(choice).isInstanceOf(Choice.Preempts.class);
        return ((Choice.Preempts) choice)
                .victims().stream().map(victim -> victim.key().name()).sorted().toList();
    }
}
