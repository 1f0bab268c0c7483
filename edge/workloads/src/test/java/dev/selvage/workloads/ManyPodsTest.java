package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.shell;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods beside each other: many, more than there is room for, one after another of the same name. */
class ManyPodsTest {
    @TempDir
    Path home;

    @Test
    void twentyPodsRunAtOnceAndAFurtherOneIsRefused() {
        try (TestNode node = new TestNode(
                home,
                config -> new PodsConfig(
                        config.home(),
                        config.nodeName(),
                        config.hostIp(),
                        20,
                        4,
                        config.clock(),
                        config.api(),
                        config.allocatable()))) {
            node.run(IntStream.range(0, 20)
                    .mapToObj(i -> shell("many-" + i, "echo up; exec sleep 1000"))
                    .toArray(ObjectNode[]::new));
            IntStream.range(0, 20).forEach(i -> node.awaitReady("many-" + i));
            assertThat(node.pods.snapshot().stream()
                            .map(p -> p.containers().getFirst().pid())
                            .distinct())
                    .hasSize(20);
            node.run(shell("many-20", "true"));
            node.awaitPhase("many-20", "Failed");
            assertThat(node.status("many-20").path("reason").asText()).isEqualTo("OutOfpods");
            node.drop("many-0");
            node.awaitGone("many-0");
            node.run(shell("many-21", "echo up; exec sleep 1000"));
            node.awaitReady("many-21");
        }
    }

    @Test
    void aPodOfTheSameNameWaitsUntilItsPredecessorHasGone() {
        try (TestNode node = new TestNode(home)) {
            ObjectNode old = shell("same-1", "trap 'sleep 1; exit' TERM; echo up; while :; do sleep 0.05; done");
            node.run(old);
            node.awaitLog("same-1", "up");
            ObjectNode next = shell("same-2", "echo up; exec sleep 1000");
            ((ObjectNode) next.path("metadata")).put("name", "same-1");
            node.desired.remove("same-1");
            node.run(next);
            node.awaitReady("same-2");
            assertThat(node.gone).contains("same-1");
        }
    }

    @Test
    void aChangedImageRestartsTheContainerAndTheStatusFollowsTheGeneration() throws Exception {
        try (TestNode node = new TestNode(home)) {
            ObjectNode pod = shell("same-3", "echo up; exec sleep 1000");
            node.run(pod);
            node.awaitReady("same-3");
            ObjectNode changed = pod.deepCopy();
            ((ObjectNode) changed.path("metadata")).put("generation", 2);
            TestNode.app(changed).put("image", "host:/usr/..");
            node.run(changed);
            node.awaitContainer(
                    "same-3", 0, c -> c.at("/state/waiting/reason").asText().equals("InvalidImageName"));
            assertThat(node.status("same-3").path("observedGeneration").asInt()).isEqualTo(2);
        }
    }
}
