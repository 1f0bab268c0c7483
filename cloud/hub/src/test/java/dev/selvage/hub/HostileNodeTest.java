package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.selvage.link.Heartbeat;
import dev.selvage.link.Held;
import dev.selvage.link.Hello;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LaneBatch;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.ObjectRef;
import dev.selvage.link.Refused;
import dev.selvage.link.Report;
import dev.selvage.link.Reports;
import dev.selvage.link.Sample;
import dev.selvage.link.Stored;
import dev.selvage.link.StreamOpen;
import dev.selvage.link.UploadLane;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Metrics;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.NodeIdentity;
import dev.selvage.session.StatusReport;
import dev.selvage.store.Selection;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Issue 3, Faults, 9: "A node that floods, lies, replays, sends backwards sequences or never reads is contained and named". */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class HostileNodeTest {
    private static final int MEBI = 1024 * 1024;
    private static final int STATUSES = 30;

    private static TestCentre centre;
    private static TestNode honest;
    private static ObjectKey pod;
    private static String podUid = "";
    private static int count;
    private String name = "";
    private NodeIdentity identity;

    @BeforeAll
    static void start() throws Exception {
        centre = new TestCentre();
        centre.restartHub(config -> config.with(config.times()
                .withStall(Duration.ofSeconds(2))
                .withHandshake(Duration.ofSeconds(10))
                .withHeartbeat(Duration.ofSeconds(15), Duration.ofMinutes(1), Duration.ofSeconds(45))));
        honest = TestNode.linked(centre, "honest");
        centre.create(Kinds.NAMESPACE, "", "tenant", "{}");
        var stored = centre.create(
                Kinds.POD,
                "tenant",
                "web",
                "{\"spec\": {\"nodeName\": \"honest\", \"containers\": [{\"name\": \"c\", \"image\": \"host:/\"}]}}");
        pod = stored.key();
        podUid = stored.uid();
        eventually(() -> assertThat(honest.keys()).contains(pod));
    }

    @AfterAll
    static void stop() throws IOException {
        honest.close();
        centre.close();
    }

    @BeforeEach
    void join() throws IOException {
        name = "hostile-" + ++count;
        identity = centre.enrolled(name);
    }

    @Test
    void aFloodOfMessagesIsCutOffNamedAndHasToStayAwayLongerEachTime() throws Exception {
        long before = counted(Offence.FLOOD);
        try (var peer = linked()) {
            endsWhile(peer, i -> heartbeat());
        }
        // the connection ends before the node is struck, and the bar lasts for five seconds from then
        eventually(() -> assertThat(counted(Offence.FLOOD)).isGreaterThan(before));
        assertThat(comeBack()).isLessThan(Duration.ofSeconds(15));
        named("LinkFlooded", "more messages a second than a node may send");
        long once = counted(Offence.FLOOD);
        eventually(() -> {
            try (var peer = linked()) {
                endsWhile(peer, i -> heartbeat());
            }
        });
        eventually(() -> assertThat(counted(Offence.FLOOD)).isGreaterThan(once));
        assertThat(comeBack()).isGreaterThan(Duration.ofSeconds(5));
    }

    @Test
    void moreBatchesOfReportsThanTheWindowAreAFlood() throws Exception {
        try (var peer = linked()) {
            endsWhile(peer, i -> reports(i + 1, 100));
        }
        named("LinkFlooded", "unacknowledged batches of reports");
    }

    @Test
    void moreBatchesOfALaneThanTheWindowAreAFlood() throws Exception {
        var flooded = new CountDownLatch(1);
        centre.lanes.afterNextIngest(() -> {
            try {
                flooded.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try (var peer = linked()) {
            endsWhile(peer, i -> batch(1, 1 + i * 4L, 4, 1_024));
        } finally {
            flooded.countDown();
        }
        named("LinkFlooded", "unacknowledged batches of a lane");
    }

    @Test
    void aNodeThatRenewsAgainAndAgainIsRefusedAndNamed() throws Exception {
        try (var node = TestNode.linked(centre, name + "-renewing")) {
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 30; i++) {
                            node.session().renewNow();
                        }
                    })
                    .hasMessageContaining("has renewed its certificate just now");
            name = node.name;
            named("LinkFlooded", "renews its certificate again and again");
            assertThat(node.session().linked()).isTrue();
        }
    }

    @Test
    void oneNodesSilentConnectionsLeaveRoomForOthers() throws Exception {
        List<RawPeer> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 60; i++) {
                silent.add(RawPeer.connect(centre.address(), identity));
            }
            named("LinkFlooded", "too many connections are being opened");
        } finally {
            for (RawPeer peer : silent) {
                peer.close();
            }
        }
        honestIsServed();
    }

    @Test
    void statusesOfOtherNodesObjectsAreRefusedAndTheLiarIsNamedOnce() throws Exception {
        try (var peer = linked()) {
            for (int i = 1; i <= 30; i++) {
                peer.send(NodeMessage.newBuilder()
                        .setReports(Reports.newBuilder()
                                .setSequence(i)
                                .addReports(status(pod, podUid))
                                .addReports(status(ObjectKey.cluster(Kinds.NODE, "honest"), "")))
                        .build());
                var refused = peer.receive().getReportsStored();
                assertThat(refused.getSequence()).isEqualTo(i);
                assertThat(refused.getRefusedList())
                        .hasSize(2)
                        .allMatch(r -> r.getReason().equals("it does not belong to node " + name));
            }
        }
        assertThat(centre.get(pod))
                .hasValueSatisfying(object ->
                        assertThat(object.path("status").path("phase").asText()).isNotEqualTo("Failed"));
        named("ForeignReports", "does not belong to it");
        assertThat(events("ForeignReports")).hasSize(1);
    }

    @Test
    void samplesInAnothersNameAreSetAsideAndTheLiarIsNamed() throws Exception {
        var lie = Sample.newBuilder().setSource("node").setKey("honest").build().toByteString();
        try (var peer = linked()) {
            peer.send(NodeMessage.newBuilder()
                    .setLaneBatch(LaneBatch.newBuilder()
                            .setLane(UploadLane.UPLOAD_LANE_LIVE)
                            .setEpoch(1)
                            .setFirstSequence(1)
                            .addAllRecords(java.util.Collections.nCopies(20, lie)))
                    .build());
            assertThat(peer.receive().getLaneStored().getSequence()).isEqualTo(20);
        }
        assertThat(centre.lanes.samples())
                .noneMatch(s -> s.source().equals("node") && s.key().equals("honest"));
        named("ForeignReports", "claims to be honest");
    }

    @Test
    void aReplayedBatchAndOneThatGoesBackwardsEndTheSessionAndNameTheNode() throws Exception {
        try (var peer = linked()) {
            peer.send(batch(5, 100, 10, 8));
            peer.receive();
            peer.send(batch(5, 100, 10, 8));
            ends(peer);
        }
        named("SequenceRepeated", "lane live: epoch 5, record 100, where epoch 5, record 110 is next");
        NodeMessage[][] pairs = {
            {batch(5, 200, 10, 8), batch(4, 300, 10, 8)},
            {batch(5, 400, 10, 8), batch(5, 399, 1, 8)},
            {reports(7, 1), reports(7, 1)},
            {reports(9, 1), reports(8, 1)},
            {stored(1), stored(0)}
        };
        for (NodeMessage[] pair : pairs) {
            join();
            try (var peer = linked()) {
                peer.send(pair[0]);
                peer.send(pair[1]);
                ends(peer);
            }
            named("SequenceRepeated", "sends what it has sent before, or out of order");
        }
    }

    @Test
    void aStreamOfAnOldSessionIsRefused() throws Exception {
        try (var peer = RawPeer.connect(centre.address(), identity)) {
            peer.send(NodeMessage.newBuilder()
                    .setStreamOpen(StreamOpen.newBuilder()
                            .setProtocol(1)
                            .setNode(name)
                            .setId("a".repeat(32))
                            .setEpoch(0))
                    .build());
            assertThat(peer.receive().getRefused().getCode()).isEqualTo(Refused.Code.STREAM_UNKNOWN);
        }
    }

    @Test
    void absurdMessagesEndTheSessionBeforeTheyTakeMemory() throws Exception {
        var many = Hello.newBuilder().setProtocol(1).setNode(name);
        for (int i = 0; i < 1_000_000; i++) {
            many.addHeld(Held.getDefaultInstance());
        }
        try (var peer = RawPeer.connect(centre.address(), identity)) {
            peer.send(NodeMessage.newBuilder().setHello(many).build());
            assertThat(peer.closed()).isTrue();
        }
        named("ProtocolBroken", "a message of more than 65536 elements");
        join();
        try (var peer = linked()) {
            peer.send(NodeMessage.newBuilder()
                    .setReports(Reports.newBuilder()
                            .setSequence(1)
                            .addReports(Report.newBuilder()
                                    .setObject(ObjectRef.newBuilder()
                                            .setResource("pods")
                                            .setName("n".repeat(254)))))
                    .build());
            assertThat(peer.closed()).isTrue();
        }
        named("ProtocolBroken", "a name of 254 characters, accepted are 253");
    }

    /** What a deaf node does not read waits in the store, not in the hub: 20 of them with a slice of 16 MiB each would need 320 MiB. */
    @Test
    void nodesThatNeverReadCostTheHubLittleMemoryAreCutOffAndNamed() throws Exception {
        List<String> deaf = new ArrayList<>();
        List<RawPeer> peers = new ArrayList<>();
        StringBuilder needs = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            centre.create(
                    Kinds.CONFIG_MAP, "tenant", "large-" + i, "{\"data\": {\"x\": \"" + "x".repeat(MEBI) + "\"}}");
            needs.append(i == 0 ? "" : ",").append("{\"configMapRef\": {\"name\": \"large-" + i + "\"}}");
        }
        for (int i = 0; i < 20; i++) {
            deaf.add(name + "-" + i);
            centre.create(
                    Kinds.POD,
                    "tenant",
                    "large-" + i,
                    "{\"spec\": {\"nodeName\": \"" + deaf.getLast()
                            + "\", \"containers\": [{\"name\": \"c\", \"image\": \"host:/\", \"envFrom\": [" + needs
                            + "]}]}}");
        }
        List<NodeIdentity> identities = new ArrayList<>();
        for (String each : deaf) {
            identities.add(centre.enrolled(each));
        }
        long before = memory();
        try {
            for (int i = 0; i < deaf.size(); i++) {
                peers.add(RawPeer.connect(centre.address(), identities.get(i)));
                peers.getLast().send(hello(deaf.get(i)));
                String each = deaf.get(i); // one after the other: the first may be cut off before the last is linked
                eventually(() -> assertThat(centre.hub().linkedNodes()).contains(each));
            }
            assertThat(memory() - before).isLessThan(120L * MEBI);
            honestIsServed();
            eventually(() -> assertThat(centre.hub().linkedNodes()).doesNotContainAnyElementsOf(deaf));
        } finally {
            for (RawPeer peer : peers) {
                peer.close();
            }
        }
        name = deaf.getFirst();
        named("LinkNotRead", "reads nothing for 2 s");
    }

    @Test
    void whileNodesFloodAndLieAnHonestNodesStatusesAreStoredAsQuicklyAsBefore() throws Exception {
        Duration before = typical();
        var go = new AtomicBoolean(true);
        List<Thread> attackers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String attacker = name + "-" + i;
            NodeIdentity its = centre.enrolled(attacker);
            attackers.add(Thread.ofVirtual().start(() -> attack(attacker, its, go)));
        }
        Duration during = typical();
        go.set(false);
        for (Thread attacker : attackers) {
            attacker.join();
        }
        assertThat(during)
                .as("median of %s statuses, closed loop; before the attack %s", STATUSES, before)
                .isLessThan(before.multipliedBy(5).plusSeconds(2));
    }

    /** Comes again at once whenever it is cut off, and sends whatever costs the hub most. */
    private static void attack(String attacker, NodeIdentity identity, AtomicBoolean go) {
        for (int round = 0; go.get(); round++) {
            try (var peer = RawPeer.connect(centre.address(), identity)) {
                peer.send(hello(attacker));
                for (int i = 1; go.get() && i < 10_000; i++) {
                    peer.send(round % 2 == 0 ? heartbeat() : reports(i, 500));
                }
            } catch (Exception cutOff) {
                Thread.onSpinWait();
            }
        }
    }

    /** The median: a single one may be slow because the machine is. */
    private static Duration typical() throws Exception {
        List<Duration> took = new ArrayList<>();
        for (int i = 0; i < STATUSES; i++) {
            long begun = System.nanoTime();
            honest.session()
                    .status(new StatusReport(
                            pod, podUid, Json.object().put("phase", "Running").put("message", "m" + begun)));
            while (!honest.session().reportsStored()) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            took.add(Duration.ofNanos(System.nanoTime() - begun));
        }
        took.sort(null);
        return took.get(took.size() / 2);
    }

    private static void honestIsServed() throws Exception {
        assertThat(honest.session().linked()).isTrue();
        typical();
    }

    /** Heap after collection, and direct buffers. */
    private static long memory() {
        System.gc();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return direct + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private interface Sequence {
        NodeMessage message(int i);
    }

    /** Sends until the hub ends the connection. */
    private static void endsWhile(RawPeer peer, Sequence messages) {
        endsWhile(peer, 100_000, messages);
    }

    private static void endsWhile(RawPeer peer, int most, Sequence messages) {
        assertThatThrownBy(() -> {
                    for (int i = 0; i < most; i++) {
                        peer.send(messages.message(i));
                    }
                    while (true) {
                        peer.receive();
                    }
                })
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(SocketTimeoutException.class);
    }

    /** The hub ends the connection, whatever it answers before. */
    private static void ends(RawPeer peer) {
        endsWhile(peer, 0, i -> heartbeat());
    }

    private void named(String reason, String words) throws Exception {
        eventually(() -> assertThat(events(reason))
                .as("events %s about %s", reason, name)
                .anySatisfy(event -> {
                    assertThat(event.path("message").asText()).contains(words);
                    assertThat(event.path("type").asText()).isEqualTo("Warning");
                    assertThat(event.path("source").path("component").asText()).isEqualTo("selvage-hub");
                }));
    }

    private List<ObjectNode> events(String reason) {
        return centre.store.resources().list(Selection.all(Kinds.EVENT), 0, null).items().stream()
                .map(dev.selvage.store.Stored::parse)
                .filter(event -> event.path("reason").asText().equals(reason)
                        && Json.textAt(event, "involvedObject", "kind").equals("Node")
                        && Json.textAt(event, "involvedObject", "name").equals(name))
                .toList();
    }

    /** As the centre's /metrics says. */
    private static long counted(Offence offence) {
        Metrics figures = new Metrics();
        centre.hub().measure(figures);
        String sample = "selvage_hub_offences_total{reason=\"" + offence.reason() + "\"} ";
        return figures.text()
                .lines()
                .filter(line -> line.startsWith(sample))
                .map(line -> Long.parseLong(line.substring(sample.length())))
                .findFirst()
                .orElseThrow();
    }

    /** When the node may come again: what it waits for the answer, and what that says. */
    private Duration comeBack() throws Exception {
        long begun = System.nanoTime();
        try (var peer = RawPeer.connect(centre.address(), identity)) {
            peer.send(hello(name));
            HubMessage answer = peer.receive();
            assertThat(answer.getComeBack().getReason()).contains("its last connection was ended");
            return Duration.ofNanos(System.nanoTime() - begun)
                    .plusMillis(answer.getComeBack().getAfterMillis());
        }
    }

    private RawPeer linked() throws Exception {
        var peer = RawPeer.connect(centre.address(), identity);
        peer.send(hello(name));
        HubMessage answer = peer.receive();
        if (answer.getMessageCase() != HubMessage.MessageCase.WELCOME) {
            peer.close();
            throw new AssertionError("found " + answer.getMessageCase());
        }
        assertThat(peer.receive().getMessageCase()).isEqualTo(HubMessage.MessageCase.SLICE_UPDATE);
        return peer;
    }

    private static NodeMessage hello(String node) {
        return NodeMessage.newBuilder()
                .setHello(Hello.newBuilder().setProtocol(1).setNode(node))
                .build();
    }

    private static NodeMessage heartbeat() {
        return NodeMessage.newBuilder()
                .setHeartbeat(Heartbeat.getDefaultInstance())
                .build();
    }

    private static NodeMessage stored(long sequence) {
        return NodeMessage.newBuilder()
                .setStored(Stored.newBuilder().setSequence(sequence))
                .build();
    }

    private static NodeMessage reports(long sequence, int size) {
        var reports = Reports.newBuilder().setSequence(sequence);
        for (int i = 0; i < size; i++) {
            reports.addReports(status(ObjectKey.of(Kinds.POD, "tenant", "none-" + i), "u"));
        }
        return NodeMessage.newBuilder().setReports(reports).build();
    }

    private static Report status(ObjectKey key, String uid) {
        return Report.newBuilder()
                .setObject(Refs.of(key))
                .setUid(uid)
                .setStatus(ByteString.copyFromUtf8("{\"phase\": \"Failed\"}"))
                .build();
    }

    private static NodeMessage batch(long epoch, long first, int records, int bytes) {
        return NodeMessage.newBuilder()
                .setLaneBatch(LaneBatch.newBuilder()
                        .setLane(UploadLane.UPLOAD_LANE_LIVE)
                        .setEpoch(epoch)
                        .setFirstSequence(first)
                        .addAllRecords(java.util.Collections.nCopies(records, ByteString.copyFrom(new byte[bytes]))))
                .build();
    }
}
