package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Design "Link": "the hub admits at a bounded rate and says when to come back"; issue 3, Faults, 6: reconnect storms. */
class AdmissionsTest {
    private static final int NODES = 10;

    private final AtomicLong clock = new AtomicLong(1);

    @Test
    void whoeverComesWhenToldFindsRoomHoweverManyWait() {
        var admissions = new Admissions(10, clock::get);
        List<Duration> waits = new ArrayList<>();
        for (int i = 0; i < 220; i++) {
            waits.add(admissions.turn());
        }
        assertThat(waits.subList(0, 20)).containsOnly(Duration.ZERO);
        assertThat(waits.subList(20, 220)).isSorted().doesNotHaveDuplicates();
        assertThat(waits.getLast()).isEqualTo(Duration.ofSeconds(22));
        int again = 0;
        for (Duration wait : waits.subList(20, 220)) {
            clock.set(1 + wait.toNanos());
            again += admissions.turn().isZero() ? 0 : 1;
        }
        assertThat(again).isZero();
    }

    @Test
    void theLongestWaitIsBounded() {
        var admissions = new Admissions(1, clock::get);
        for (int i = 0; i < 1_000; i++) {
            assertThat(admissions.turn()).isLessThanOrEqualTo(Admissions.LONGEST);
        }
    }

    @Test
    void afterAHubsReturnNodesAreAdmittedAtItsRateAndAllAreLinkedInTheEnd() throws Exception {
        try (var centre = new TestCentre()) {
            List<TestNode> nodes = new ArrayList<>();
            try {
                for (int i = 0; i < NODES; i++) {
                    nodes.add(TestNode.linked(centre, new TestNode("edge-" + i, centre.address()).patient()));
                }
                long begun = System.nanoTime();
                // so few that even a slow machine's nodes come in greater number
                centre.restartHub(config -> config.with(config.limits().withAdmissions(1)));
                eventually(
                        Duration.ofMinutes(1),
                        () -> assertThat(centre.hub().linkedNodes()).hasSize(NODES));
                assertThat(Duration.ofNanos(System.nanoTime() - begun))
                        .as("2 at once, then 1 a second")
                        .isGreaterThanOrEqualTo(Duration.ofSeconds(NODES - 2));
                assertThat(nodes.stream()
                                .flatMap(node -> node.heard().stream())
                                .filter(heard -> heard.contains("asks to come back")))
                        .as("nodes that were told a time")
                        .hasSizeGreaterThanOrEqualTo(3);
            } finally {
                for (TestNode node : nodes) {
                    node.close();
                }
            }
        }
    }
}
