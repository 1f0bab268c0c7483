package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.app;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.selvage.model.Json;
import dev.selvage.model.PodContainer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Probes (kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes). */
class ProbesTest {
    @TempDir
    Path home;

    private TestNode node;

    @BeforeEach
    void open() {
        node = new TestNode(home);
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void absentFieldsHaveUpstreamsDefaults() {
        PodContainer container = new PodContainer(
                Json.parseObject(
                        "{\"ports\": [{\"name\": \"web\", \"containerPort\": 8081}], \"livenessProbe\": {\"httpGet\": {\"port\": \"web\"}}}"));
        ProbeSpec spec =
                ProbeSpec.of(container, ProbeSpec.Type.LIVENESS, "10.0.0.1").orElseThrow();
        assertThat(spec.initialDelay()).isZero();
        assertThat(spec.timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(spec.period()).isEqualTo(Duration.ofSeconds(10));
        assertThat(spec.successThreshold()).isEqualTo(1);
        assertThat(spec.failureThreshold()).isEqualTo(3);
        assertThat(spec.check()).isEqualTo(new ProbeSpec.Check.Http(false, "10.0.0.1", 8081, "", List.of()));
    }

    @Test
    void aPodIsReadyOnlyWhileItsReadinessProbeSaysSo() {
        ObjectNode pod = shell("probe-1", "exec sleep 1000");
        with(app(pod), """
                {"readinessProbe": {"exec": {"command": ["test", "-e", "/tmp/ready"]}, "periodSeconds": 1, "failureThreshold": 1,
                                    "timeoutSeconds": 20}}
                """);
        node.run(pod);
        node.awaitContainer(
                "probe-1",
                0,
                c -> c.at("/state/running").isObject() && !c.path("ready").asBoolean());
        inside("probe-1", "touch /tmp/ready");
        node.awaitReady("probe-1");
        inside("probe-1", "rm /tmp/ready");
        node.awaitContainer("probe-1", 0, c -> !c.path("ready").asBoolean());
        assertThat(node.container("probe-1", 0).path("restartCount").asInt()).isZero();
        assertThat(node.events).anyMatch(e -> e.startsWith("probe-1 Unhealthy: Readiness probe failed"));
    }

    private void inside(String uid, String script) {
        ExecOutcome outcome =
                node.runtime.exec(new RunId(uid, "app", 0), List.of("sh", "-c", script), Duration.ofSeconds(30));
        assertThat(outcome).isEqualTo(new ExecOutcome.Ended(0, ""));
    }

    @Test
    void aContainerWhoseLivenessProbeFailsIsRestartedAndToldWhy() throws Exception {
        AtomicInteger answer = new AtomicInteger(200);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/healthz", exchange -> {
            assertThat(exchange.getRequestHeaders().getFirst("X-Probe")).isEqualTo("yes");
            exchange.sendResponseHeaders(answer.get(), -1);
            exchange.close();
        });
        server.start();
        try {
            ObjectNode pod = shell("probe-2", "echo run; exec sleep 1000");
            with(app(pod), """
                    {"livenessProbe": {"httpGet": {"path": "/healthz", "port": %d, "httpHeaders": [{"name": "X-Probe", "value": "yes"}]},
                     "periodSeconds": 1, "failureThreshold": 2}}
                    """.formatted(server.getAddress().getPort()));
            node.run(pod);
            node.awaitReady("probe-2");
            answer.set(503);
            node.awaitContainer("probe-2", 0, c -> c.path("restartCount").asInt() == 1);
            answer.set(200);
            node.awaitReady("probe-2");
            assertThat(node.container("probe-2", 0)
                            .at("/lastState/terminated/exitCode")
                            .asInt())
                    .isEqualTo(143);
            assertThat(node.events)
                    .contains(
                            "probe-2 Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 503",
                            "probe-2 Killing: Container app failed liveness probe, will be restarted");
            assertThat(node.logs("probe-2", "app", true)).isEqualTo("run\n");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void otherProbesWaitUntilTheStartupProbeHasPassed() {
        ObjectNode pod = shell("probe-3", "exec sleep 1000");
        with(app(pod), """
                {"startupProbe": {"exec": {"command": ["sh", "-c", "echo look >>/tmp/looks; test -e /tmp/started"]}, "periodSeconds": 1,
                                  "failureThreshold": 100, "timeoutSeconds": 20},
                 "livenessProbe": {"exec": {"command": ["test", "-e", "/tmp/started"]}, "periodSeconds": 1, "failureThreshold": 1,
                                   "timeoutSeconds": 20}}
                """);
        node.run(pod);
        node.awaitContainer("probe-3", 0, c -> c.at("/state/running").isObject());
        inside("probe-3", "while [ \"$(grep -c . /tmp/looks)\" -lt 3 ]; do sleep 0.1; done 2>/dev/null");
        assertThat(node.container("probe-3", 0).path("started").asBoolean()).isFalse();
        assertThat(node.events).noneMatch(e -> e.contains("Liveness"));
        inside("probe-3", "touch /tmp/started");
        node.awaitReady("probe-3");
        assertThat(node.container("probe-3", 0).path("started").asBoolean()).isTrue();
        assertThat(node.container("probe-3", 0).path("restartCount").asInt()).isZero();
    }

    @Test
    void tcpProbesConnectAndExecProbesAreCutAtTheirTimeout() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            ObjectNode tcp = shell("probe-4", "exec sleep 1000");
            with(
                    app(tcp),
                    "{\"readinessProbe\": {\"tcpSocket\": {\"port\": %d}, \"periodSeconds\": 1}}"
                            .formatted(server.getLocalPort()));
            ObjectNode slow = shell("probe-5", "exec sleep 1000");
            with(
                    app(slow),
                    "{\"readinessProbe\": {\"exec\": {\"command\": [\"sleep\", \"777\"]}, \"periodSeconds\": 1}}");
            node.run(tcp, slow);
            node.awaitReady("probe-4");
            TestNode.await(
                    "timeout",
                    () -> node.events.contains("probe-5 Unhealthy: Readiness probe failed: command timed out after 1s"),
                    () -> node.events);
            TestNode.await(
                    "no probe left over",
                    () -> ProcessHandle.allProcesses()
                                    .filter(p ->
                                            p.info().commandLine().orElse("").contains("sleep 777"))
                                    .count()
                            <= 1,
                    () -> "");
        }
    }
}
