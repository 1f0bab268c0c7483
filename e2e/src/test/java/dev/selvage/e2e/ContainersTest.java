package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.sim.engine.Registry;
import dev.selvage.sim.engine.RootFileSystem;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4, "Containers", as their users see them: kubectl, a running installation, a real engine and a real registry. */
class ContainersTest {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final String PAGE_IMAGE = "first-light/page:1";

    @TempDir
    static Path directory;

    private static Selvage selvage;
    private static DockerEngine engine;
    private static Registry registry;

    @BeforeAll
    static void up() throws Exception {
        engine = DockerEngine.start(directory.resolve("d"));
        engine.importImage(RootFileSystem.busybox(directory), "busybox", "1");
        registry = Registry.start(directory.resolve("registry"), Optional.empty());
        engine.push(
                "busybox:1",
                registry.host() + "/tools/box",
                "1",
                Base64.getUrlEncoder().encodeToString("{}".getBytes(StandardCharsets.UTF_8)));
        selvage = new Selvage(directory.resolve("home"))
                .up("--no-examples", Selvage.ENGINE, engine.socket().toString());
        Eventually.within(
                LIMIT,
                "the node offers containers",
                () -> selvage.get("nodes")
                        .at("/items/0/status/runtimeHandlers")
                        .toString()
                        .contains("container"));
    }

    @AfterAll
    static void down() throws Exception {
        selvage.close();
        registry.close();
        engine.close();
    }

    @Test
    void theNodeTellsItsEngineAndItsImages() {
        JsonNode status = selvage.get("nodes").at("/items/0/status");
        assertThat(Json.textAt(status, "nodeInfo", "containerRuntimeVersion")).startsWith("docker://20.10");
        assertThat(status.path("images").toString()).contains("busybox:1");
        assertThat(kubectl("get", "nodes", "-o", "wide")).contains("docker://20.10");
    }

    @Test
    void aDeploymentOfContainerPodsRunsItsConfigMapAndRollsOut() {
        apply("""
                {"apiVersion": "v1", "kind": "List", "items": [
                 {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "page"}, "data": {"index.html": "one page\\n"}},
                 {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
                  "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
                   "template": {"metadata": {"labels": {"app": "web"}},
                    "spec": {"terminationGracePeriodSeconds": 1,
                     "containers": [{"name": "app", "image": "IMAGE",
                      "command": ["sh", "-c", "cat /page/index.html; exec httpd -f -p 8080 -h /page"],
                      "volumeMounts": [{"name": "page", "mountPath": "/page"}],
                      "readinessProbe": {"httpGet": {"path": "/index.html", "port": 8080}, "periodSeconds": 1},
                      "livenessProbe": {"exec": {"command": ["true"]}, "periodSeconds": 2}}],
                     "volumes": [{"name": "page", "configMap": {"name": "page"}}]}}}}]}
                """.replace("IMAGE", registry.host() + "/tools/box:1"));
        assertThat(kubectl("rollout", "status", "deployment/web", "--timeout=5m"))
                .contains("successfully rolled out");
        assertThat(kubectl("logs", "-l", "app=web")).contains("one page");
        JsonNode pod = selvage.get("pods", "-l", "app=web").at("/items/0");
        assertThat(Json.textAt(pod, "status", "podIP")).isNotEqualTo(Json.textAt(pod, "status", "hostIP"));
        assertThat(container(pod).path("imageID").asText()).startsWith(registry.host() + "/tools/box@sha256:");
        kubectl("set", "env", "deployment/web", "VERSION=two");
        assertThat(kubectl("rollout", "status", "deployment/web", "--timeout=5m"))
                .contains("successfully rolled out");
        kubectl("delete", "deployment", "web");
    }

    @Test
    void anImportedImageRunsWithoutARegistryAndABadArchiveIsRefusedByName() throws Exception {
        Path own = Files.createDirectories(directory.resolve("own"));
        Path marker = Files.writeString(own.resolve("marker"), "from an archive\n");
        engine.importImage(RootFileSystem.busybox(own, marker), "site-box", "1");
        Path archive = engine.save(directory.resolve("site-box.tar"), "site-box:1");
        engine.call("DELETE", "/images/site-box:1");
        Path bad = Files.writeString(directory.resolve("bad.tar"), "no archive at all ".repeat(100));
        var result = selvage.selvage("image", "import", bad.toString(), archive.toString());
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.output())
                .contains("not imported: bad.tar: is no tar archive")
                .containsPattern("site-box:1 +amd64 +1 ");
        assertThat(selvage.selvage("image", "list").succeeded().output()).containsPattern("site-box:1 +imported +0 ");
        apply(pod("imported", "site-box:1", "cat /etc/marker; exec sleep 1000", "", "\"imagePullPolicy\": \"Never\""));
        await("imported", "readiness", p -> container(p).path("ready").asBoolean());
        assertThat(kubectl("logs", "imported")).isEqualTo("from an archive\n");
        var used = selvage.selvage("image", "remove", "site-box:1");
        assertThat(used.exit()).isEqualTo(1);
        assertThat(used.output()).contains("image \"site-box:1\" is used by 1 containers");
        kubectl("delete", "pod", "imported");
        selvage.selvage("image", "remove", "site-box:1").succeeded();
        assertThat(selvage.selvage("image", "list").succeeded().output()).doesNotContain("site-box:1");
    }

    @Test
    void faultsOfContainersAreToldAsUpstreamTellsThem() {
        apply(pod("exit-7", "busybox:1", "exit 7", "\"restartPolicy\": \"Never\"", ""));
        apply(pod(
                "eater",
                "busybox:1",
                "x=a; while true; do x=$x$x$x$x; done",
                "\"restartPolicy\": \"Never\"",
                "\"resources\": {\"limits\": {\"memory\": \"16Mi\"}}"));
        apply(pod("loop", "busybox:1", "echo once more; exit 1", "", ""));
        apply(pod("missing", registry.host() + "/no/such:1", "true", "", ""));
        await(
                "exit-7",
                "failure",
                p -> container(p).at("/state/terminated/exitCode").asInt() == 7);
        await(
                "eater",
                "OOMKilled",
                p -> Json.textAt(container(p), "state", "terminated", "reason").equals("OOMKilled"));
        await("loop", "back-off", p -> waiting(p).equals("CrashLoopBackOff"));
        assertThat(kubectl("logs", "loop", "--previous")).isEqualTo("once more\n");
        await("missing", "back-off of the pull", p -> waiting(p).equals("ImagePullBackOff"));
        Eventually.within(
                LIMIT,
                "an event of the pull",
                () -> kubectl("get", "events", "--field-selector", "involvedObject.name=missing")
                        .contains("Failed to pull image"));
        for (String word : List.of("ImagePullBackOff", "CrashLoopBackOff", "OOMKilled")) {
            Eventually.within(LIMIT, word, () -> kubectl("get", "pods").contains(word));
        }
        kubectl("delete", "pod", "exit-7", "eater", "loop", "missing");
    }

    /** The table of docs/guides/container-pods.md. */
    @Test
    void aFieldThatNoRuntimeHonoursIsRefusedByName() {
        var refused = selvage.kubectlWithInput(
                pod("refused", "busybox:1", "true", "\"shareProcessNamespace\": true", ""), "apply", "-f", "-");
        assertThat(refused.exit()).isNotZero();
        assertThat(refused.output())
                .contains("spec.shareProcessNamespace: Forbidden: this field is not honoured here; leave it out");
    }

    @Test
    void containersOutliveTheAgentAndStartAgainAfterTheEngine() throws Exception {
        apply(pod("steady", "busybox:1", "echo began; exec sleep 1000", "", ""));
        await("steady", "readiness", p -> container(p).path("ready").asBoolean());
        String started = container(selvage.get("pod", "steady"))
                .at("/state/running/startedAt")
                .asText();
        selvage.kill9("agent");
        selvage.selvage("start", "agent").succeeded();
        Eventually.within(
                LIMIT,
                "the agent is back",
                () -> selvage.kubectl("logs", "steady").output().equals("began\n"));
        JsonNode adopted = container(selvage.get("pod", "steady"));
        assertThat(adopted.path("restartCount").asInt(-1)).isZero();
        assertThat(adopted.at("/state/running/startedAt").asText()).isEqualTo(started);
        assertThat(inside("steady", "cat /proc/1/cmdline | tr '\\0' ' '; exit 3"))
                .isEqualTo("sleep 1000 , exit code 3");

        engine.stop();
        Eventually.within(
                LIMIT,
                "the node misses its engine",
                () -> !selvage.get("nodes")
                        .at("/items/0/status/runtimeHandlers")
                        .toString()
                        .contains("container"));
        engine.startAgain();
        await(
                "steady",
                "its second life",
                p -> container(p).path("restartCount").asInt() > 0
                        && container(p).path("ready").asBoolean());

        assertThat(selvage.selvage("down").succeeded().output()).containsPattern("and \\d+ pods?\n");
        assertThat(engine.call("GET", "/containers/json?all=1").strip()).isEqualTo("[]");
        selvage.up("--no-examples");
        kubectl("delete", "pod", "steady");
    }

    /** "first-light's page becomes a Deployment where an engine is found": its image is made of this machine's packages. */
    @Test
    void upRunsFirstLightsPageAsAContainerOfAnImageThatItMakes() {
        assertThat(selvage.selvage("up").succeeded().output()).contains("page image", PAGE_IMAGE);
        try {
            JsonNode pod = selvage.get("pods", "-n", "first-light", "-l", "app=room-page")
                    .at("/items/0");
            assertThat(Json.textAt(pod, "spec", "runtimeClassName")).isEqualTo("container");
            assertThat(container(pod).path("image").asText()).isEqualTo(PAGE_IMAGE);
            assertThat(assertTimeoutPreemptively(
                            LIMIT, () -> page("/").anyMatch(line -> line.contains("<title>Cold room</title>"))))
                    .isTrue();
            assertThat(assertTimeoutPreemptively(LIMIT, () -> page("/events").anyMatch("event: reading"::equals)))
                    .as("a reading, that the page has with its pod's token from the node")
                    .isTrue();
            assertThat(selvage.selvage("up").succeeded().output()).contains(PAGE_IMAGE + ", was there");
        } finally {
            selvage.selvage("stop", "plant").succeeded();
            kubectl("delete", "namespace", "first-light");
        }
    }

    private static Stream<String> page(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + selvage.pagePort() + path))
                                .build(),
                        BodyHandlers.ofLines())
                .body();
    }

    /** What a command in the container printed, and how it ended: kubectl exec's WebSocket, spoken by fabric8. */
    private static String inside(String pod, String script) throws Exception {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (KubernetesClient client = selvage.fabric8();
                ExecWatch command = client.pods()
                        .inNamespace("default")
                        .withName(pod)
                        .writingOutput(output)
                        .exec("sh", "-c", script)) {
            int code = command.exitCode().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            return output.toString(StandardCharsets.UTF_8) + ", exit code " + code;
        }
    }

    private static String pod(String name, String image, String script, String podFields, String containerFields) {
        return """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s"},
                 "spec": {%s "terminationGracePeriodSeconds": 1,
                  "containers": [{%s "name": "app", "image": "%s", "command": ["sh", "-c", "%s"]}]}}
                """.formatted(
                        name,
                        podFields.isEmpty() ? "" : podFields + ",",
                        containerFields.isEmpty() ? "" : containerFields + ",",
                        image,
                        script);
    }

    private static void apply(String manifest) {
        selvage.kubectlWithInput(manifest, "apply", "-f", "-").succeeded();
    }

    private static String kubectl(String... arguments) {
        return selvage.kubectl(arguments).succeeded().output();
    }

    private static JsonNode container(JsonNode pod) {
        return pod.at("/status/containerStatuses/0");
    }

    private static String waiting(JsonNode pod) {
        return Json.textAt(container(pod), "state", "waiting", "reason");
    }

    private static void await(String pod, String what, Predicate<JsonNode> condition) {
        Eventually.within(LIMIT, what + " of pod " + pod, () -> condition.test(selvage.get("pod", pod)));
    }
}
