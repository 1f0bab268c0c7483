package dev.selvage.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.sim.net.Direction;
import dev.selvage.sim.net.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Issue 3, Faults, 6: "a proxy that stalls, resets, corrupts or delays at each message boundary". A session is broken at its first TLS record, the next one at its
 * second, and so on, until a whole exchange has no record left to break: handshake, Hello, slice, statuses, lanes and their acknowledgements.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FaultWalkTest {
    private static final int MOST = 60;
    /** Up: handshake and Hello, Stored, Reports, three LaneBatches. Down: handshake, Welcome, SliceUpdate, ReportsStored, three LaneStored. */
    private static final int LEAST = 8;

    private static final Map<String, Fault> FAULTS = new LinkedHashMap<>();

    static {
        FAULTS.put("reset", new Fault.Reset());
        FAULTS.put("close", new Fault.Close());
        FAULTS.put("half-open", new Fault.HalfOpen());
        FAULTS.put("corrupt", new Fault.Corrupt());
        FAULTS.put("cut-in-the-header", new Fault.Cut(3));
        FAULTS.put("cut-in-the-body", new Fault.Cut(20));
        FAULTS.put("short-stall", new Fault.Stall(Duration.ofMillis(200)));
        FAULTS.put("long-stall", new Fault.Stall(Duration.ofSeconds(20)));
    }

    private static TestCentre centre;

    @BeforeAll
    static void start() throws IOException {
        centre = new TestCentre();
        centre.restartHub(config -> config.with(config.times()
                .withHeartbeat(Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofMillis(2_500))));
    }

    @AfterAll
    static void stop() {
        centre.close();
    }

    @Test
    void afterAnyFaultAtAnyRecordTheNodeRelinksSliceAndStatusAreRightAndNoLaneRecordIsDoubledOrLost() throws Exception {
        List<Callable<Integer>> walks = new ArrayList<>();
        FAULTS.forEach((name, fault) -> {
            for (Direction direction : Direction.values()) {
                walks.add(() -> walk(name, fault, direction));
            }
        });
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> walk : threads.invokeAll(walks)) {
                assertThat(walk.get())
                        .as("records at which a session was broken")
                        .isBetween(LEAST, MOST);
            }
        }
    }

    /** The number of records at which the fault befell. */
    private static int walk(String name, Fault fault, Direction direction) throws Exception {
        try (var walker = new Walker(centre, name + "-" + direction.name().toLowerCase(java.util.Locale.ROOT))) {
            for (int record = 0; record < MOST; record++) {
                walker.node.stop();
                walker.change();
                walker.proxy.plan(direction, record, fault);
                walker.node.start();
                walker.tell();
                walker.isRight();
                if (walker.proxy.pending() > 0) {
                    return record;
                }
                walker.isLinked();
            }
            return MOST;
        }
    }
}
