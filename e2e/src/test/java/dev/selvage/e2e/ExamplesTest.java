package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4, "Examples": each README is followed word for word by a newcomer. */
class ExamplesTest {
    private static final Duration LIMIT = Duration.ofMinutes(20);

    @TempDir
    Path directory;

    @Test
    void webIsSpreadOverThreeNodesAndUpdatedUnderLoadWithoutAFailedRequest() {
        String output = new Walk(directory, "web")
                .after(
                        "apply -f",
                        "echo nodes: $(kubectl get pods -n web -o jsonpath='{.items[*].spec.nodeName}' | tr ' ' '\\n' | sort | uniq)")
                .after(
                        "--replicas=6",
                        "echo waits: $(kubectl get pods -n web --field-selector spec.nodeName= -o"
                                + " jsonpath='{.items[*].status.conditions[?(@.type==\"PodScheduled\")].message}')")
                .after(
                        "uncordon",
                        // without those of the version before, which answer for ten seconds more
                        "echo on edge-3: $(kubectl get pods -n web --field-selector spec.nodeName=edge-3 | grep -cw Running)")
                .run(LIMIT)
                .succeeded()
                .output();
        assertThat(output)
                .contains("nodes: edge-1 edge-2 edge-3\n")
                .containsPattern("version 1: \\d+ answers\nversion 2: \\d+ answers\n\\d+ answers, 0 failed\n")
                .contains(
                        "waits: 0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match pod topology spread constraints.")
                .contains("on edge-3: 2\n")
                .doesNotContain("Warning:");
    }

    @Test
    void aCollectorComesToEachNodeThatJoinsAndTellsItsFigures() {
        String output = new Walk(directory, "collector")
                .after(
                        "join --quiet",
                        // the first line of the second may be of before its node's agent was well
                        "until kubectl logs -n collector -l app=collector | grep 'node=edge-2 agent=well'; do sleep 1; done")
                .after(
                        "configmap",
                        "echo restarts: $(kubectl get pods -n collector -o jsonpath='{.items[*].status.containerStatuses[0].restartCount}')")
                .run(LIMIT)
                .succeeded()
                .output();
        assertThat(output)
                .containsPattern(
                        "(?m)^node=edge-1 agent=well cpus=\\d+ load1=[0-9.]+ memory_used_percent=[0-9.]+ uptime_seconds=\\d+$")
                .containsPattern("(?m)^node=edge-2 agent=well ")
                .contains("restarts: 0 0\n");
    }
}
