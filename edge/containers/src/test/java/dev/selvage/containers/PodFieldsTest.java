package dev.selvage.containers;

import static dev.selvage.containers.ContainerNode.app;
import static dev.selvage.containers.ContainerNode.shell;
import static dev.selvage.containers.ContainerNode.spec;
import static dev.selvage.containers.ContainerNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.sim.engine.DockerEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What both runtimes honour the same, here on a real engine (issue 4, "everything the process runtime honours"). */
class PodFieldsTest {
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

    /** kubernetes.io/docs/concepts/storage/projected-volumes */
    @Test
    void projectedFilesTellOfThePodAndChangeWithItsLabels() {
        node.config("Secret", "keys", Map.of("password", "s3cret"));
        ObjectNode pod = shell("field-1", """
                echo "$LIMIT $(cat /v/keys/pw) $(cat /v/mem) $(cat /v/labels)"
                while grep -q blue /v/labels; do sleep 0.1; done
                cat /v/labels; echo; exec sleep 1000
                """);
        Json.child(pod, "metadata").putObject("labels").put("colour", "blue");
        with(spec(pod), """
                {"volumes": [{"name": "v", "projected": {"sources": [
                  {"secret": {"name": "keys", "items": [{"key": "password", "path": "keys/pw"}]}},
                  {"downwardAPI": {"items": [
                    {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
                    {"path": "mem", "resourceFieldRef": {"containerName": "app", "resource": "limits.memory", "divisor": "1Mi"}}]}}]}}]}
                """);
        with(app(pod), """
                {"resources": {"limits": {"cpu": "500m", "memory": "32Mi"}},
                 "env": [{"name": "LIMIT", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}}],
                 "volumeMounts": [{"name": "v", "mountPath": "/v"}]}
                """);
        node.run(pod);
        node.awaitLog("field-1", "500 s3cret 32 colour=\"blue\"\n");
        ObjectNode changed = pod.deepCopy();
        Json.child(changed, "metadata").putObject("labels").put("colour", "green");
        node.run(changed);
        node.awaitLog("field-1", "blue\"\ncolour=\"green\"\n");
    }

    /** kubernetes.io/docs/concepts/containers/container-lifecycle-hooks */
    @Test
    void hooksRunInTheContainerBeforeItIsReadyAndBeforeItIsAskedToEnd() {
        ObjectNode pod = shell(
                "field-2",
                "trap 'cat /tmp/stopped; exit $?' TERM; while [ ! -e /tmp/hooked ]; do sleep 0.1; done; echo hooked; while true; do sleep 0.1; done");
        with(app(pod), """
                {"lifecycle": {
                  "postStart": {"exec": {"command": ["sh", "-c", "sleep 1; touch /tmp/hooked"]}},
                  "preStop": {"exec": {"command": ["sh", "-c", "sleep 0.5; echo stopped >/tmp/stopped"]}}}}
                """);
        spec(pod).put("terminationGracePeriodSeconds", 60);
        ObjectNode failing = shell("field-3", "exec sleep 1000");
        spec(failing).put("restartPolicy", "Never").put("terminationGracePeriodSeconds", 0);
        with(app(failing), "{\"lifecycle\": {\"postStart\": {\"exec\": {\"command\": [\"/bin/nope\"]}}}}");
        node.run(pod, failing);
        node.awaitReady("field-2");
        node.awaitLog("field-2", "hooked\n");
        node.awaitPhase("field-3", "Failed");
        assertThat(node.eventsOf("field-3"))
                .anyMatch(e -> e.contains("FailedPostStartHook: PostStartHook failed"))
                .anyMatch(e -> e.contains("Killing: FailedPostStartHook"));
        node.drop("field-2");
        node.awaitGone("field-2");
        assertThat(node.container("field-2").at("/state/terminated/exitCode").asInt())
                .isZero(); // cat has found what the hook wrote
        assertThat(node.eventsOf("field-2")).noneMatch(e -> e.contains("FailedPreStopHook"));
    }

    /** core/v1 PodSpec, activeDeadlineSeconds */
    @Test
    void aPodThatIsActiveForTooLongFails() {
        ObjectNode pod = shell("field-4", "exec sleep 1000");
        spec(pod).put("activeDeadlineSeconds", 2).put("terminationGracePeriodSeconds", 0);
        node.run(pod);
        node.awaitPhase("field-4", "Failed");
        assertThat(node.status("field-4").path("reason").asText()).isEqualTo("DeadlineExceeded");
        assertThat(node.container("field-4").at("/state/terminated/exitCode").asInt())
                .isEqualTo(137);
    }

    /** kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure */
    @Test
    void lastWordsComeFromAFileOrFromTheOutput() {
        ObjectNode said = shell("field-5", "printf words >/tmp/words; exit 2");
        with(app(said), "{\"terminationMessagePath\": \"/tmp/words\"}");
        ObjectNode failed =
                shell("field-6", "echo output; printf x >/dev/termination-log; : >/dev/termination-log; exit 2");
        with(app(failed), "{\"terminationMessagePolicy\": \"FallbackToLogsOnError\"}");
        spec(said).put("restartPolicy", "Never");
        spec(failed).put("restartPolicy", "Never");
        node.run(said, failed);
        node.awaitPhase("field-5", "Failed");
        node.awaitPhase("field-6", "Failed");
        assertThat(node.container("field-5").at("/state/terminated/message").asText())
                .isEqualTo("words");
        assertThat(node.container("field-6").at("/state/terminated/message").asText())
                .isEqualTo("output\n");
    }
}
