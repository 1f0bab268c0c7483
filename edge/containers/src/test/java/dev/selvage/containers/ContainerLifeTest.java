package dev.selvage.containers;

import static dev.selvage.containers.ContainerNode.app;
import static dev.selvage.containers.ContainerNode.pod;
import static dev.selvage.containers.ContainerNode.shell;
import static dev.selvage.containers.ContainerNode.spec;
import static dev.selvage.containers.ContainerNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.sim.engine.DockerEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of a container pod on a real engine (issue 4, "Containers"; core/v1 PodSpec). */
class ContainerLifeTest {
    private final DockerEngine engine = SharedEngine.get();

    @TempDir
    Path home;

    private ContainerNode node;

    @BeforeEach
    void open() throws IOException {
        node = new ContainerNode(home, engine.socket());
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void aPodRunsWithAnAddressOfItsOwnAndItsStatusHasUpstreamsShape() {
        node.run(shell("life-1", "echo hello; hostname; exec sleep 1000"));
        node.awaitReady("life-1");
        JsonNode status = node.status("life-1");
        assertThat(status.path("phase").asText()).isEqualTo("Running");
        assertThat(status.path("hostIP").asText()).isEqualTo("127.0.0.1");
        assertThat(status.path("podIP").asText())
                .startsWith(engine.gateway().substring(0, engine.gateway().lastIndexOf('.')))
                .isNotEqualTo(engine.gateway());
        assertThat(node.container("life-1").path("containerID").asText()).isEqualTo("docker://selvage_life-1_app_0");
        assertThat(node.container("life-1").path("imageID").asText()).startsWith("sha256:");
        assertThat(node.eventsOf("life-1")).anyMatch(e -> e.contains("Started container app"));
        node.awaitLog("life-1", "hello\nlife-1\n");
    }

    @Test
    void containersOfAPodShareNetworkAndVolumes() {
        ObjectNode pod = shell(
                "life-2",
                "echo shared >/data/file; mkdir /www; echo page >/www/index.html; exec httpd -f -p 8080 -h /www");
        with(spec(pod), "{\"volumes\": [{\"name\": \"data\", \"emptyDir\": {}}]}");
        with(app(pod), "{\"volumeMounts\": [{\"name\": \"data\", \"mountPath\": \"/data\"}]}");
        spec(pod).withArray("containers").add(dev.selvage.model.Json.parseObject("""
                {"name": "other", "image": "busybox:1",
                 "command": ["sh", "-c", "until wget -qO- http://127.0.0.1:8080/; do sleep 0.1; done; cat /data/file; exec sleep 1000"],
                 "volumeMounts": [{"name": "data", "mountPath": "/data", "readOnly": true}]}
                """));
        node.run(pod);
        ContainerNode.await(
                "the other container's look",
                () -> node.status("life-2").path("phase").asText().equals("Running")
                        && node.logs("life-2", "other", false).endsWith("page\nshared\n"),
                () -> node.status("life-2"));
    }

    @Test
    void exitCodesDecideThePhaseOfAPodThatNeverRestartsAndItsSandboxIsLetGo() throws IOException {
        ObjectNode good = shell("life-3", "exit 0");
        spec(good).put("restartPolicy", "Never");
        ObjectNode bad = shell("life-4", "echo last words; exit 42");
        spec(bad).put("restartPolicy", "Never");
        node.run(good, bad);
        node.awaitPhase("life-3", "Succeeded");
        node.awaitPhase("life-4", "Failed");
        assertThat(node.container("life-3").at("/state/terminated/reason").asText())
                .isEqualTo("Completed");
        assertThat(node.container("life-4").at("/state/terminated/exitCode").asInt())
                .isEqualTo(42);
        assertThat(node.container("life-4").at("/state/terminated/reason").asText())
                .isEqualTo("Error");
        assertThat(node.logs("life-4")).isEqualTo("last words\n");
        ContainerNode.await(
                "no sandbox of ended pods runs", () -> !running("life-3") && !running("life-4"), () -> "they run");
    }

    private boolean running(String uid) {
        try {
            return engine.call("GET", "/containers/selvage_" + uid + "/json").contains("\"Running\":true");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aCrashLoopBacksOffAndPreviousLogsStay() {
        node.run(shell("life-5", "echo attempt; exit 3"));
        node.awaitWaiting("life-5", "CrashLoopBackOff");
        assertThat(node.container("life-5").path("restartCount").asInt()).isEqualTo(1);
        assertThat(node.container("life-5").at("/lastState/terminated/exitCode").asInt())
                .isEqualTo(3);
        assertThat(node.logs("life-5", "app", true)).isEqualTo("attempt\n");
        assertThat(node.eventsOf("life-5")).anyMatch(e -> e.contains("BackOff: back-off 10s restarting failed"));
    }

    @Test
    void aCommandThatIsNotThereIsAStartError() {
        ObjectNode pod = pod("life-6", "/bin/nope");
        spec(pod).put("restartPolicy", "Never");
        node.run(pod);
        node.awaitPhase("life-6", "Failed");
        JsonNode ended = node.container("life-6").at("/state/terminated");
        assertThat(ended.path("reason").asText()).isEqualTo("StartError");
        assertThat(ended.path("exitCode").asInt()).isEqualTo(128);
        assertThat(ended.path("message").asText()).contains("/bin/nope").contains("no such file or directory");
    }

    @Test
    void memoryBeyondTheLimitIsOomKilledAndNeighboursGoOn() {
        ObjectNode neighbour = shell("life-7", "exec sleep 1000");
        ObjectNode eater = shell("life-8", "x=a; while true; do x=$x$x$x$x; done");
        with(app(eater), "{\"resources\": {\"limits\": {\"memory\": \"16Mi\"}}}");
        spec(eater).put("restartPolicy", "Never");
        node.run(neighbour, eater);
        node.awaitPhase("life-8", "Failed");
        assertThat(node.container("life-8").at("/state/terminated/reason").asText())
                .isEqualTo("OOMKilled");
        assertThat(node.container("life-8").at("/state/terminated/exitCode").asInt())
                .isEqualTo(137);
        node.awaitReady("life-7");
        assertThat(node.container("life-7").path("restartCount").asInt()).isZero();
    }

    @Test
    void aContainerThatIgnoresSigtermIsKilledWhenItsGraceIsOver() {
        ObjectNode pod = shell("life-9", "trap '' TERM; echo deaf; while true; do sleep 0.1; done");
        spec(pod).put("terminationGracePeriodSeconds", 1);
        node.run(pod);
        node.awaitLog("life-9", "deaf");
        long began = System.nanoTime();
        node.drop("life-9");
        node.awaitGone("life-9");
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(25)); // 30 s is what a pod has that says nothing
        assertThat(containers("life-9")).isEqualTo("[]\n");
    }

    private String containers(String uid) {
        try {
            return engine.call(
                    "GET",
                    "/containers/json?all=1&filters=%7B%22label%22%3A%5B%22dev.selvage.pod.uid%3D" + uid + "%22%5D%7D");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void configMapsAndSecretsAreMountedAndChangeInPlace() {
        node.config("ConfigMap", "page", Map.of("text", "one"));
        node.config("Secret", "key", Map.of("token", "s3cret"));
        ObjectNode pod = shell(
                "life-10", "cat /secret/token; echo; echo $TEXT; while true; do cat /page/text; echo; sleep 0.2; done");
        with(spec(pod), """
                {"volumes": [{"name": "page", "configMap": {"name": "page"}},
                             {"name": "key", "secret": {"secretName": "key", "defaultMode": 256}}]}
                """);
        with(app(pod), """
                {"env": [{"name": "TEXT", "valueFrom": {"configMapKeyRef": {"name": "page", "key": "text"}}}],
                 "volumeMounts": [{"name": "page", "mountPath": "/page"}, {"name": "key", "mountPath": "/secret"}]}
                """);
        node.run(pod);
        node.awaitLog("life-10", "s3cret\none\none\n");
        node.config("ConfigMap", "page", Map.of("text", "two"));
        node.awaitLog("life-10", "two\n");
    }

    @Test
    void initContainersRunFirstAndProbesSpeakOfTheContainer() {
        ObjectNode pod = shell(
                "life-11",
                "cat /data/made; rm -f /tmp/ready; echo serving; sleep 0.5; touch /tmp/ready; exec httpd -f -p 8080");
        with(spec(pod), """
                {"volumes": [{"name": "data", "emptyDir": {"medium": "Memory"}}],
                 "initContainers": [{"name": "first", "image": "busybox:1", "command": ["sh", "-c", "echo init >/data/made"],
                                     "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}
                """);
        with(app(pod), """
                {"volumeMounts": [{"name": "data", "mountPath": "/data"}],
                 "startupProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1, "failureThreshold": 30},
                 "readinessProbe": {"exec": {"command": ["test", "-e", "/tmp/ready"]}, "periodSeconds": 1}}
                """);
        node.run(pod);
        node.awaitReady("life-11");
        assertThat(node.logs("life-11")).isEqualTo("init\nserving\n");
    }

    @Test
    void aFailingExecProbeRestartsTheContainer() {
        ObjectNode pod = shell("life-12", "exec sleep 1000");
        spec(pod).put("terminationGracePeriodSeconds", 0);
        with(app(pod), """
                {"livenessProbe": {"exec": {"command": ["sh", "-c", "echo not well; exit 1"]}, "periodSeconds": 1, "failureThreshold": 2}}
                """);
        node.run(pod);
        node.awaitContainer("life-12", c -> c.path("restartCount").asInt() >= 1);
        assertThat(node.eventsOf("life-12"))
                .anyMatch(e -> e.contains("Unhealthy: Liveness probe failed: not well"))
                .anyMatch(e -> e.contains("Killing: Container app failed liveness probe, will be restarted"));
    }
}
