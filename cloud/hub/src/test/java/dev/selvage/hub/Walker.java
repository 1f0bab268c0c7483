package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.lanes.Lane;
import dev.selvage.link.Sample;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.HubAddress;
import dev.selvage.session.StatusReport;
import dev.selvage.sim.net.FaultProxy;
import dev.selvage.sim.net.Framing;
import dev.selvage.store.Stored;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/** A node behind a proxy of its own, with a pod and its ConfigMap, and what must be true of it after each step, whatever the network did. */
final class Walker implements AutoCloseable {
    private static final List<Lane> LANES = List.of(Lane.ALARM, Lane.LIVE, Lane.BACKLOG);
    private static final Duration PATIENCE = Duration.ofMillis(1_500);

    final TestNode node;
    final FaultProxy proxy;
    private final TestCentre centre;
    private final String namespace;
    private final ObjectKey pod;
    private final ObjectKey settings;
    private final String uid;
    private int step;

    Walker(TestCentre centre, String name) throws IOException {
        this.centre = centre;
        this.namespace = "tenant-" + name;
        this.proxy = FaultProxy.start(
                0,
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), centre.hub().port()),
                Framing.TLS);
        this.node = new TestNode(name, new HubAddress("127.0.0.1", proxy.port()), PATIENCE);
        node.enroll(centre.authority.fingerprint(), centre.token("join-" + name));
        centre.create(Kinds.NAMESPACE, "", namespace, "{}");
        this.settings = centre.create(Kinds.CONFIG_MAP, namespace, "settings", "{\"data\": {}}")
                .key();
        Stored stored = centre.create(
                Kinds.POD,
                namespace,
                "web",
                "{\"spec\": {\"nodeName\": \"" + name
                        + "\", \"containers\": [{\"name\": \"c\", \"image\": \"host:/\", \"envFrom\":"
                        + " [{\"configMapRef\": {\"name\": \"settings\"}}]}]}}");
        this.pod = stored.key();
        this.uid = stored.uid();
    }

    /** Something new for the node, and something to tell in every way that it has. */
    void change() {
        step++;
        centre.change(settings, object -> Json.child(object, "data").put("step", Integer.toString(step)));
        for (Lane lane : LANES) {
            node.lanes.append(lane, sample(lane));
        }
        node.lanes.sync();
    }

    void tell() {
        node.session()
                .status(new StatusReport(
                        pod, uid, Json.object().put("phase", "Running").put("message", "step " + step)));
    }

    /** Slice and statuses are right, the lanes are empty, and telemetry has each record once. */
    void isRight() throws Exception {
        eventually(() -> {
            assertThat(node.object(settings))
                    .as("the slice of %s after step %s: %s", node.name, step, node.heard())
                    .hasValueSatisfying(
                            o -> assertThat(Json.textAt(o, "data", "step")).isEqualTo(Integer.toString(step)));
            assertThat(centre.get(pod))
                    .as("the status from %s after step %s: %s", node.name, step, node.heard())
                    .hasValueSatisfying(
                            o -> assertThat(Json.textAt(o, "status", "message")).isEqualTo("step " + step));
            assertThat(node.session().reportsStored()).isTrue();
            for (Lane lane : LANES) {
                assertThat(node.lanes.peek(lane, 1024).isEmpty())
                        .as("the lane %s of %s is empty", lane, node.name)
                        .isTrue();
            }
        });
        for (Lane lane : LANES) {
            assertThat(centre.lanes.samples().stream()
                            .filter(s -> s.namespace().equals(namespace)
                                    && s.source().equals(source(lane)))
                            .map(s -> s.endMillis()))
                    .as("lane %s of %s", lane, node.name)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, step).boxed().toList());
        }
    }

    void isLinked() throws Exception {
        eventually(() -> {
            assertThat(node.session().linked()).as("%s", node.heard()).isTrue();
            assertThat(centre.hub().linkedNodes()).contains(node.name);
        });
    }

    private byte[] sample(Lane lane) {
        return Sample.newBuilder()
                .setNamespace(namespace)
                .setSource(source(lane))
                .setKey("room")
                .setStartMillis(step - 1L)
                .setEndMillis(step)
                .putValues("temperature", 4.5)
                .build()
                .toByteArray();
    }

    private static String source(Lane lane) {
        return "stream/" + lane;
    }

    @Override
    public void close() throws IOException {
        node.close();
        proxy.close();
    }
}
