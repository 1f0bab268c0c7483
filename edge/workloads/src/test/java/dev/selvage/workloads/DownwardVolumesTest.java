package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.app;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.spec;
import static dev.selvage.workloads.TestNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** downwardAPI and projected volumes (kubernetes.io/docs/concepts/workloads/pods/downward-api, kubernetes.io/docs/concepts/storage/projected-volumes). */
class DownwardVolumesTest {
    private static final String MOUNT = "{\"volumeMounts\": [{\"name\": \"v\", \"mountPath\": \"/v\"}]}";

    @TempDir
    Path home;

    private TestNode node;

    @BeforeEach
    void open() {
        node = new TestNode(home, config -> config.withAllocatable(new NodeResources(3500, 2L << 30, 10L << 30)));
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static ObjectNode labelled(ObjectNode pod, String labels, String annotations) {
        ObjectNode metadata = Json.child(pod, "metadata");
        metadata.set("labels", Json.parseObject(labels));
        metadata.set("annotations", Json.parseObject(annotations));
        return pod;
    }

    @Test
    void filesTellThePodsMetadataAsTheKubeletWritesIt() {
        ObjectNode pod = labelled(
                shell(
                        "down-1",
                        "cd /v; for f in name ns uid labels notes tier; do printf '%s|\\n' \"$(cat $f)\"; done; sleep 1000"),
                "{\"tier\": \"front\", \"app\": \"web\"}",
                "{\"b\": \"say \\\"hi\\\"\\n\\u0001\\u00e9\\u00a0\", \"a\": \"x\\\\y\"}");
        with(spec(pod), """
                {"volumes": [{"name": "v", "downwardAPI": {"items": [
                  {"path": "name", "fieldRef": {"fieldPath": "metadata.name"}},
                  {"path": "ns", "fieldRef": {"fieldPath": "metadata.namespace"}},
                  {"path": "uid", "fieldRef": {"fieldPath": "metadata.uid"}},
                  {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
                  {"path": "notes", "fieldRef": {"fieldPath": "metadata.annotations"}},
                  {"path": "tier", "fieldRef": {"fieldPath": "metadata.labels['tier']"}}]}}]}
                """);
        with(app(pod), MOUNT);
        node.run(pod);
        node.awaitLog("down-1", "front|");
        assertThat(node.logs("down-1")).isEqualTo("""
                down-1|
                default|
                down-1|
                app="web"
                tier="front"|
                a="x\\\\y"
                b="say \\"hi\\"\\n\\x01é\\u00a0"|
                front|
                """);
    }

    /** "limits ... if not specified, defaults to the node allocatable value", rounded up to the divisor. */
    @Test
    void filesAndVariablesTellLimitsAndRequestsInUnitsOfTheDivisor() {
        ObjectNode pod = shell(
                "down-2",
                "echo $MINE $OTHERS $MISSING $NODE; cd /v; echo $(cat cpu) $(cat mem) $(cat disk); sleep 1000");
        with(spec(pod), """
                {"volumes": [{"name": "v", "downwardAPI": {"items": [
                  {"path": "cpu", "resourceFieldRef": {"containerName": "app", "resource": "limits.cpu", "divisor": "1m"}},
                  {"path": "mem", "resourceFieldRef": {"containerName": "app", "resource": "requests.memory", "divisor": "1Mi"}},
                  {"path": "disk", "resourceFieldRef": {"containerName": "app", "resource": "limits.ephemeral-storage", "divisor": "1Gi"}}]}}]}
                """);
        with(app(pod), """
                {"resources": {"limits": {"cpu": "250m", "memory": "65M"}, "requests": {"cpu": "100m"}},
                 "env": [
                  {"name": "MINE", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "0"}}},
                  {"name": "OTHERS", "valueFrom": {"resourceFieldRef": {"containerName": "other", "resource": "requests.cpu", "divisor": "1m"}}},
                  {"name": "MISSING", "valueFrom": {"resourceFieldRef": {"containerName": "other", "resource": "requests.memory"}}},
                  {"name": "NODE", "valueFrom": {"resourceFieldRef": {"containerName": "other", "resource": "limits.memory"}}}]}
                """);
        with(app(pod), MOUNT);
        spec(pod).withArray("containers").add(Json.parseObject("""
                {"name": "other", "image": "host", "command": ["sleep", "1000"], "resources": {"requests": {"cpu": "1500m"}}}
                """));
        node.run(pod);
        node.awaitLog("down-2", "62 10\n");
        assertThat(node.logs("down-2", "app", false)).isEqualTo("1 1500 0 2147483648\n250 62 10\n");
    }

    @Test
    void labelsThatChangeAreSeenInFilesAsAWholeAndNotInVariables() {
        String labels = "{\"colour\": \"blue\"}";
        ObjectNode pod = labelled(shell("down-3", """
                echo "$(cat /v/labels) $(cat /v/note) $VAR"
                while grep -q blue /v/labels; do sleep 0.02; done
                echo "$(cat /v/labels) $(cat /v/note) $VAR"; exec sleep 1000
                """), labels, "{\"note\": \"one\"}");
        with(spec(pod), """
                {"volumes": [{"name": "v", "projected": {"sources": [{"downwardAPI": {"items": [
                  {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
                  {"path": "note", "fieldRef": {"fieldPath": "metadata.annotations['note']"}}]}}]}}]}
                """);
        with(app(pod), """
                {"env": [{"name": "VAR", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['colour']"}}}],
                 "volumeMounts": [{"name": "v", "mountPath": "/v"}]}
                """);
        node.run(pod);
        node.awaitLog("down-3", "colour=\"blue\" one blue\n");
        node.run(labelled(pod.deepCopy(), "{\"colour\": \"green\"}", "{\"note\": \"two\"}"));
        node.awaitLog("down-3", "colour=\"green\" two blue\n");
        assertThat(node.container("down-3", 0).path("restartCount").asInt()).isZero();
    }

    @Test
    void aProjectedVolumeGathersItsSourcesAndLiesInMemoryWithASecret() throws IOException {
        node.config("ConfigMap", "settings", Map.of("colour", "blue", "size", "9"));
        node.config("Secret", "keys", Map.of("password", "s3cret"));
        ObjectNode pod = shell("down-4", """
                cd /v; ls; stat -L -c '%a' colour keys/pw; echo "$(cat colour size keys/pw name)" | tr '\\n' ' '; echo
                while grep -q s3cret keys/pw; do sleep 0.02; done; cat keys/pw; echo; exec sleep 1000
                """);
        with(spec(pod), """
                {"volumes": [{"name": "v", "projected": {"defaultMode": 292, "sources": [
                  {"configMap": {"name": "settings"}},
                  {"secret": {"name": "keys", "items": [{"key": "password", "path": "keys/pw", "mode": 256}]}},
                  {"configMap": {"name": "none", "optional": true}},
                  {"downwardAPI": {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}}]}}]}
                """);
        with(app(pod), MOUNT);
        node.run(pod);
        node.awaitLog("down-4", "down-4 \n");
        assertThat(node.logs("down-4")).isEqualTo("colour\nkeys\nname\nsize\n444\n400\nblue9s3cretdown-4 \n");
        assertThat(home.resolve("pods/pods/down-4/volumes/v")).doesNotExist();
        node.config("Secret", "keys", Map.of("password", "other"));
        node.awaitLog("down-4", "other\n");
        try (var files = Files.walk(home)) {
            assertThat(files.filter(Files::isRegularFile).filter(f -> f.endsWith("keys/pw")))
                    .isEmpty();
        }
    }

    @Test
    void aSourceThatIsMissingKeepsTheContainerWaitingUntilItAppears() {
        ObjectNode pod = shell("down-5", "cat /v/a; exec sleep 1000");
        with(spec(pod), """
                {"volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "late", "items": [{"key": "a", "path": "./a"}]}}]}}]}
                """);
        with(app(pod), MOUNT);
        node.run(pod);
        node.awaitContainer(
                "down-5",
                0,
                c -> c.at("/state/waiting/message").asText().equals("volume v: configmap \"late\" not found"));
        node.config("ConfigMap", "late", Map.of("a", "here"));
        node.awaitLog("down-5", "here");
    }
}
