package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.lanes.Lane;
import dev.selvage.link.Sample;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Design "Link", Upload lanes: exactly once, only synced records, order per lane, live and alarm before backlog. */
class LanesOverTheLinkTest {
    private TestCentre centre;
    private TestNode node;

    @BeforeEach
    void start() throws Exception {
        centre = new TestCentre();
        node = TestNode.linked(centre, "edge-1");
        centre.create(Kinds.DEVICE, "cold", "room", "{\"spec\":{\"model\":\"cold-room\",\"nodeName\":\"edge-1\"}}");
        eventually(() -> assertThat(node.keys()).hasSize(1));
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
        centre.close();
    }

    @Test
    void syncedRecordsArriveInOrderAndAreAcknowledged() throws Exception {
        append(Lane.LIVE, 0, 500);
        node.lanes.sync();
        eventually(() -> assertThat(ends()).containsExactlyElementsOf(numbers(0, 500)));
        eventually(() -> assertThat(node.lanes.peek(Lane.LIVE, 1024).isEmpty()).isTrue());
    }

    @Test
    void whatIsNotSyncedIsNotSent() throws Exception {
        append(Lane.LIVE, 0, 5);
        node.lanes.sync();
        eventually(() -> assertThat(ends()).hasSize(5));
        append(Lane.LIVE, 5, 10);
        Thread.sleep(500);
        assertThat(ends()).hasSize(5);
    }

    @Test
    void aBatchThatWasStoredButNotAcknowledgedIsStoredOnce() throws Exception {
        centre.lanes.afterNextIngest(() -> {
            try {
                centre.restartHub();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        append(Lane.LIVE, 0, 300);
        node.lanes.sync();
        eventually(() -> assertThat(node.lanes.peek(Lane.LIVE, 1024).isEmpty()).isTrue());
        assertThat(ends()).containsExactlyElementsOf(numbers(0, 300));
        // Either it came again and was found to be a duplicate, or the Welcome's cursor spared it.
        assertThat(node.heard()).filteredOn(h -> h.startsWith("linked")).hasSizeGreaterThan(1);
    }

    @Test
    void whatWasTakenWhileTheNodeWasAwayFollowsWithLiveDataFirst() throws Exception {
        node.stop();
        append(Lane.BACKLOG, 0, 2_000);
        append(Lane.LIVE, 5_000, 5_010);
        append(Lane.ALARM, 9_000, 9_001);
        node.lanes.sync();
        node.start();
        eventually(() -> assertThat(ends()).hasSize(2_011));
        assertThat(ends().getFirst()).isEqualTo(9_000);
        assertThat(ends().subList(1, 11)).containsExactlyElementsOf(numbers(5_000, 5_010));
        assertThat(ends().subList(11, 2_011)).containsExactlyElementsOf(numbers(0, 2_000));
    }

    @Test
    void aRecordThatIsNoSampleOrClaimsAnotherNodeIsSetAsideAndTheLaneGoesOn() throws Exception {
        node.lanes.append(Lane.LIVE, new byte[] {0x0a, 0x7f});
        node.lanes.append(
                Lane.LIVE,
                Sample.newBuilder().setSource("node").setKey("edge-2").build().toByteArray());
        append(Lane.LIVE, 1, 2);
        node.lanes.sync();
        eventually(() -> assertThat(ends()).containsExactly(1L));
        assertThat(centre.lanes.unreadable())
                .hasSize(2)
                .anyMatch(u -> u.reason().contains("claims to be edge-2"));
    }

    /** Design "Security": default deny. A node stores samples of namespaces that it serves, and its own figures. */
    @Test
    void samplesOfNamespacesThatTheNodeHasNothingInAreSetAside() throws Exception {
        node.lanes.append(Lane.LIVE, sample("payroll", "stream/average", "room", 1));
        node.lanes.append(Lane.LIVE, sample("payroll", "node", "edge-1", 2));
        node.lanes.append(Lane.LIVE, sample("selvage-system", "stream/average", "room", 3));
        node.lanes.append(Lane.LIVE, sample("selvage-system", "node", "edge-1", 4));
        node.lanes.append(Lane.LIVE, sample("cold", "stream/average", "room", 5));
        node.lanes.sync();
        eventually(() -> assertThat(ends()).containsExactly(4L, 5L));
        assertThat(centre.lanes.unreadable()).hasSize(3);
        // what it has left may still be in its backlog
        centre.delete(ObjectKey.of(Kinds.DEVICE, "cold", "room"));
        eventually(() -> assertThat(node.keys()).isEmpty());
        append(Lane.BACKLOG, 6, 7);
        node.lanes.sync();
        eventually(() -> assertThat(ends()).containsExactly(4L, 5L, 6L));
    }

    private static byte[] sample(String namespace, String source, String key, int number) {
        return Sample.newBuilder()
                .setNamespace(namespace)
                .setSource(source)
                .setKey(key)
                .setStartMillis(number)
                .setEndMillis(number)
                .putValues("temperature", 4.5)
                .build()
                .toByteArray();
    }

    @Test
    void aNodeWhoseLanesWereResetGoesOnAboveTheCentresCursor() throws Exception {
        append(Lane.LIVE, 0, 50);
        node.lanes.sync();
        eventually(() -> assertThat(ends()).hasSize(50));
        node.stop();
        try (var reset = new TestNode("edge-1", centre.address())) {
            java.nio.file.Files.createDirectories(reset.home.resolve("identity"));
            for (String file : List.of("identity.pem", "ca.pem")) {
                java.nio.file.Files.copy(
                        node.home.resolve("identity").resolve(file),
                        reset.home.resolve("identity").resolve(file));
            }
            reset.start();
            eventually(() -> assertThat(reset.session().linked()).isTrue());
            for (int i = 100; i < 110; i++) {
                reset.lanes.append(Lane.LIVE, sample(i));
            }
            reset.lanes.sync();
            eventually(() -> assertThat(ends()).hasSize(60));
        }
    }

    private void append(Lane lane, int from, int to) {
        for (int i = from; i < to; i++) {
            node.lanes.append(lane, sample(i));
        }
    }

    private static byte[] sample(int number) {
        return sample("cold", "stream/average", "room", number);
    }

    private List<Long> ends() {
        return centre.lanes.samples().stream().map(s -> s.endMillis()).toList();
    }

    private static List<Long> numbers(int from, int to) {
        return LongStream.range(from, to).boxed().toList();
    }
}
