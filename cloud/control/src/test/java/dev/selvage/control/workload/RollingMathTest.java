package dev.selvage.control.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Steps of a rolling update, with the cases of upstream's rolling_test.go and deployment_util_test.go. */
class RollingMathTest {
    private static RollingMath.Side side(String name, int replicas, int available, int deferred) {
        return new RollingMath.Side(
                new Revision(Json.parseObject("""
                        {"apiVersion":"apps/v1","kind":"ReplicaSet",
                         "metadata":{"name":"%s","namespace":"default","uid":"%s"},
                         "spec":{"replicas":%d},"status":{"replicas":%d,"availableReplicas":%d}}""".formatted(name, name, replicas, replicas, available))), deferred);
    }

    private static int sizeOf(Map<Revision, Integer> sizes, RollingMath.Side side) {
        return sizes.getOrDefault(side.revision(), side.replicas());
    }

    @Test
    void theNewRevisionGrowsIntoTheSurgeOnly() {
        RollingMath math = new RollingMath(10, 5, 0);

        assertThat(math.ofNew(0, 10)).isEqualTo(5);
        assertThat(math.ofNew(5, 15)).isEqualTo(5);
        assertThat(math.ofNew(5, 12)).isEqualTo(8);
        assertThat(math.ofNew(8, 10)).isEqualTo(10);
        assertThat(math.ofNew(12, 12)).as("too many: down to what is wanted").isEqualTo(10);
    }

    @Test
    void oldPodsGoOnlyWhileEnoughStayAvailable() {
        RollingMath math = new RollingMath(10, 5, 2);
        RollingMath.Side old = side("old", 10, 10, 0);

        assertThat(sizeOf(math.ofOld(side("new", 0, 0, 0), List.of(old)), old)).isEqualTo(8);
        assertThat(sizeOf(math.ofOld(side("new", 5, 0, 0), List.of(side("old", 8, 8, 0))), old))
                .as("none of the new ones is available yet")
                .isEqualTo(10);
        assertThat(math.ofOld(side("new", 5, 0, 0), List.of(side("old", 8, 8, 0))))
                .isEmpty();
        assertThat(sizeOf(math.ofOld(side("new", 5, 5, 0), List.of(old)), old)).isEqualTo(3);
    }

    @Test
    void unhealthyOldPodsGoBeforeHealthyOnes() {
        RollingMath math = new RollingMath(10, 0, 3);
        RollingMath.Side sick = side("sick", 4, 0, 0);
        RollingMath.Side well = side("well", 6, 6, 0);

        Map<Revision, Integer> sizes = math.ofOld(side("new", 0, 0, 0), List.of(well, sick));

        assertThat(sizeOf(sizes, sick)).isEqualTo(1);
        assertThat(sizeOf(sizes, well)).isEqualTo(6);
    }

    /** Issue 4: rollouts treat unreachable nodes as designed, deferred; a rollout never waits for ever. */
    @Test
    void podsOnUnreachableNodesDoNotHoldTheRolloutUp() {
        RollingMath math = new RollingMath(4, 0, 1);
        RollingMath.Side old = side("old", 2, 2, 0);

        assertThat(math.ofOld(side("new", 2, 0, 0), List.of(old))).isEmpty();
        assertThat(sizeOf(math.ofOld(side("new", 2, 0, 2), List.of(old)), old)).isEqualTo(1);
    }

    @Test
    void aChangeOfSizeAmidARolloutIsSharedInProportion() {
        RollingMath math = new RollingMath(20, 4, 0);
        RollingMath.Side big = side("big", 8, 8, 0);
        RollingMath.Side small = side("small", 4, 4, 0);
        Map<Revision, Integer> before = new LinkedHashMap<>();
        before.put(big.revision(), 8);
        before.put(small.revision(), 4);

        Map<Revision, Integer> sizes = math.proportional(before, 12);

        assertThat(sizeOf(sizes, big)).isEqualTo(16);
        assertThat(sizeOf(sizes, small)).isEqualTo(8);
        assertThat(new RollingMath(0, 0, 0).proportional(before, 12).values()).containsOnly(0);
    }
}
