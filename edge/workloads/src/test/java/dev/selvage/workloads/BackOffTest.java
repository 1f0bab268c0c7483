package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.shell;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restarts are immediate, then 10 s, doubling to 5 min, forgotten after 10 min (Pod lifecycle, restart policy). */
class BackOffTest {
    @TempDir
    Path home;

    @Test
    void delaysDoubleFromTenSecondsToFiveMinutes() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        List<Long> delays = new ArrayList<>();
        BackOff backOff = null;
        for (int i = 0; i < 8; i++) {
            assertThat(BackOff.notBefore(backOff, now, now).isEmpty()).isEqualTo(i == 0);
            now = BackOff.notBefore(backOff, now, now).orElse(now);
            backOff = BackOff.next(backOff, now, now);
            delays.add(backOff.delay().toSeconds());
        }
        assertThat(delays).containsExactly(10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L);
    }

    @Test
    void aContainerThatEndedInTheFutureOfAClockThatWasSetBackMayStart() {
        Instant ended = Instant.parse("2027-01-01T00:00:00Z");
        BackOff backOff = new BackOff(Duration.ofSeconds(10), ended);
        assertThat(BackOff.notBefore(backOff, ended, Instant.parse("2026-01-01T00:00:00Z")))
                .isEmpty();
    }

    @Test
    void aContainerThatRanLongerThanTenMinutesBeginsAnew() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        BackOff worn = new BackOff(Duration.ofMinutes(5), now);
        Instant shortly = now.plus(Duration.ofMinutes(9));
        Instant later = now.plus(Duration.ofMinutes(11));
        assertThat(BackOff.notBefore(worn, shortly, shortly)).contains(shortly.plus(Duration.ofMinutes(5)));
        assertThat(BackOff.notBefore(worn, later, later)).isEmpty();
        assertThat(BackOff.next(worn, later, later).delay()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aContainerThatAlwaysExitsIsRestartedOnceAndThenBackedOffUntilTheTimeHasCome() {
        Shifted clock = new Shifted();
        try (TestNode node = new TestNode(home, config -> config.withClock(clock))) {
            node.run(shell("back-1", "echo attempt; exit 1"));
            waits(node, "back-off 10s", 1);
            clock.advance(Duration.ofSeconds(10));
            node.pods.configsChanged();
            waits(node, "back-off 20s", 2);
            assertThat(node.status("back-1").path("phase").asText()).isEqualTo("Running");
            assertThat(node.container("back-1", 0)
                            .at("/lastState/terminated/exitCode")
                            .asInt())
                    .isEqualTo(1);
            clock.advance(Duration.ofSeconds(20));
            node.pods.configsChanged();
            waits(node, "back-off 40s", 3);
            assertThat(home.resolve("process/runs/back-1/app/0")).doesNotExist();
            assertThat(home.resolve("process/runs/back-1/app/2")).exists();
        }
    }

    /** A machine without a clock of its own may wake up a year ahead and be put right. */
    @Test
    void aClockThatIsSetBackNeitherDelaysARestartNorAnEnd() {
        Shifted clock = new Shifted();
        clock.advance(Duration.ofDays(365));
        try (TestNode node = new TestNode(home, config -> config.withClock(clock))) {
            var missing = shell("back-2", "exec sleep 1000");
            TestNode.with(TestNode.app(missing), """
                    {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "late", "key": "a"}}}]}
                    """);
            var stubborn = shell("back-3", "trap '' TERM; echo up; while :; do sleep 0.1; done");
            TestNode.spec(stubborn).put("terminationGracePeriodSeconds", 2);
            node.run(missing, stubborn);
            node.awaitLog("back-3", "up");
            node.awaitContainer(
                    "back-2", 0, c -> c.at("/state/waiting/reason").asText().equals("CreateContainerConfigError"));
            node.drop("back-3");
            TestNode.await(
                    "asked to end",
                    () -> node.events.stream().anyMatch(e -> e.startsWith("back-3 Killing")),
                    () -> node.events);
            clock.advance(Duration.ofDays(-365));
            node.awaitGone("back-3");
            var late = dev.selvage.model.Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
            late.putObject("metadata").put("namespace", "default").put("name", "late");
            late.putObject("data").put("a", "x");
            node.configs.put(dev.selvage.model.ObjectKey.of(late), late); // nobody is told
            node.awaitReady("back-2");
        }
    }

    private static void waits(TestNode node, String delay, int restarts) {
        node.awaitContainer(
                "back-1",
                0,
                c -> c.at("/state/waiting/reason").asText().equals("CrashLoopBackOff")
                        && c.at("/state/waiting/message")
                                .asText()
                                .equals(delay + " restarting failed container=app pod=back-1_default(back-1)")
                        && c.path("restartCount").asInt() == restarts);
    }

    /** The real clock, set forward. */
    private static final class Shifted extends Clock {
        private final AtomicReference<Duration> shift = new AtomicReference<>(Duration.ZERO);

        void advance(Duration duration) {
            shift.updateAndGet(s -> s.plus(duration));
        }

        @Override
        public ZoneId getZone() {
            return java.time.ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.now().plus(shift.get());
        }
    }
}
