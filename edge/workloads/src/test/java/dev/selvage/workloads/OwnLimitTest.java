package dev.selvage.workloads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.model.Json;
import dev.selvage.model.PodContainer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Issue 3, "Resources": what the agent itself lacks is never read as a fault of a container. */
class OwnLimitTest {
    private final List<String> heard = new CopyOnWriteArrayList<>();

    @Test
    void aProbeThatCannotBeMadeIsNoFailedProbe() {
        AtomicInteger looks = new AtomicInteger();
        Prober.Listener listener = new Prober.Listener() {
            @Override
            public void unhealthy(ProbeSpec spec, String message) {
                heard.add("unhealthy");
            }

            @Override
            public void verdict(ProbeSpec spec, boolean ok, String message) {
                heard.add("verdict " + ok);
            }
        };
        PodContainer container = new PodContainer(
                Json.parseObject(
                        "{\"livenessProbe\": {\"exec\": {\"command\": [\"true\"]}, \"periodSeconds\": 1, \"failureThreshold\": 1}}"));
        ProbeSpec spec =
                ProbeSpec.of(container, ProbeSpec.Type.LIVENESS, "127.0.0.1").orElseThrow();
        try (Prober prober = new Prober("p", spec, Duration.ZERO, () -> look(looks.incrementAndGet()), listener)) {
            TestNode.await(
                    "two looks that fail here, one that does not",
                    () -> looks.get() >= 3 && !heard.isEmpty(),
                    () -> prober);
        }
        assertThat(heard).containsOnly("verdict true");
    }

    private static NetworkCheck.Result look(int number) {
        if (number == 1) {
            OwnLimitException.check("dial tcp 127.0.0.1:80: Too many open files");
        }
        if (number == 2) {
            throw new OutOfMemoryError("Java heap space");
        }
        return new NetworkCheck.Result(true, "");
    }

    @Test
    void onlyTheAgentsOwnLimitsAreMeant() {
        OwnLimitException.check(null);
        OwnLimitException.check("Connection refused");
        OwnLimitException.check("/proc/4711/stat: No such file or directory");
        for (String reason : List.of("Too many open files", "Cannot allocate memory", "No buffer space available")) {
            assertThatThrownBy(() -> OwnLimitException.check("/proc/4711/stat: " + reason))
                    .hasMessageContaining(reason);
        }
    }
}
