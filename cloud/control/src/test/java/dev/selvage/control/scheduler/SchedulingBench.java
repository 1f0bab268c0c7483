package dev.selvage.control.scheduler;

import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import java.util.Arrays;

/** How fast the scheduler decides, without any write: 10,000 pods onto 1,000 nodes, then 10,000 that fit nowhere. */
public final class SchedulingBench {
    private static final int NODES = 1_000;
    private static final int PODS = 10_000;

    private SchedulingBench() {}

    public static void main(String[] arguments) {
        for (int round = 1; round <= 3; round++) {
            Cluster cluster = new Cluster();
            for (int i = 0; i < NODES; i++) {
                cluster.node(node(i));
            }
            print(round, "bound", measure(cluster, "100m"));
            print(round, "refused", measure(cluster, "64"));
        }
    }

    private static long[] measure(Cluster cluster, String cpu) {
        long[] nanos = new long[PODS];
        for (int i = 0; i < PODS; i++) {
            SchedulablePod pod = pod(i, cpu);
            long start = System.nanoTime();
            if (cluster.choose(pod) instanceof Choice.Fits(String node)) {
                cluster.pod(pod.on(node));
            }
            nanos[i] = System.nanoTime() - start;
        }
        return nanos;
    }

    private static void print(int round, String what, long[] nanos) {
        long sum = Arrays.stream(nanos).sum();
        Arrays.sort(nanos);
        System.out.printf(
                "round %d %-8s %,9.0f decisions/s  p50 %,d us  p99 %,d us  (%,d nodes, %,d pods)%n",
                round, what, PODS * 1e9 / sum, nanos[PODS / 2] / 1000, nanos[PODS / 100 * 99] / 1000, NODES, PODS);
    }

    private static Node node(int i) {
        return Node.of(Json.parseObject("""
                {"metadata":{"name":"edge-%04d","labels":{"runtime.selvage.dev/process":"true","selvage.dev/site":"s%d"}},
                 "status":{"allocatable":{"cpu":"4","memory":"8Gi"},"conditions":[{"type":"Ready","status":"True"}]}}""".formatted(i, i % 100)));
    }

    private static SchedulablePod pod(int i, String cpu) {
        return SchedulablePod.of(
                ObjectKey.of(Kinds.POD, "default", cpu + "-" + i), Json.parseObject("""
                {"metadata":{"name":"p","uid":"u"},"spec":{"runtimeClassName":"process",
                 "containers":[{"resources":{"requests":{"cpu":"%s","memory":"64Mi"}}}]}}""".formatted(cpu)));
    }
}
