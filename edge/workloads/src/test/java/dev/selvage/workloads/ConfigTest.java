package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.app;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.spec;
import static dev.selvage.workloads.TestNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ConfigMaps, Secrets and fields as variables and files (kubernetes.io/docs/concepts/configuration/configmap). */
class ConfigTest {
    @TempDir
    Path home;

    private TestNode node;

    @BeforeEach
    void open() {
        node = new TestNode(
                home,
                config -> config.withApi(URI.create("http://127.0.0.1:7070"), (ns, pod, uid) -> "token-of-" + uid));
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void variablesComeFromValuesObjectsAndFieldsAndExpandInOrder() {
        node.config("ConfigMap", "settings", Map.of("COLOUR", "blue", "size", "9"));
        node.config("Secret", "keys", Map.of("password", "p w$d"));
        ObjectNode pod = shell("conf-1", "env | sort; echo \"$0 $1\"; exec sleep 1000");
        Json.child(pod, "metadata").putObject("labels").put("tier", "front");
        with(app(pod), """
                {"args": ["$(GREETING)", "$$(GREETING) $(UNKNOWN)"],
                 "envFrom": [{"configMapRef": {"name": "settings"}, "prefix": "S_"}, {"configMapRef": {"name": "none", "optional": true}}],
                 "env": [
                  {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "password"}}},
                  {"name": "GREETING", "value": "$(S_COLOUR) $(LATER)"},
                  {"name": "LATER", "value": "x"},
                  {"name": "MAYBE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "nope", "optional": true}}},
                  {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                  {"name": "TIER", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['tier']"}}},
                  {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
                  {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]}
                """);
        node.run(pod);
        node.awaitLog("conf-1", "$(GREETING) $(UNKNOWN)");
        assertThat(node.logs("conf-1").lines())
                .contains(
                        "PASSWORD=p w$d",
                        "GREETING=blue $(LATER)",
                        "LATER=x",
                        "POD=conf-1",
                        "TIER=front",
                        "NODE=node-1",
                        "IP=127.0.0.1",
                        "S_COLOUR=blue",
                        "S_size=9",
                        "HOSTNAME=node-1",
                        "HOME=/",
                        "SELVAGE_API=http://127.0.0.1:7070",
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "blue $(LATER) $(GREETING) $(UNKNOWN)")
                .noneMatch(l -> l.startsWith("MAYBE="));
    }

    @Test
    void thePodFindsItsTokenForTheNodesApi() {
        node.run(shell("conf-2", "cat $SELVAGE_TOKEN_FILE; echo; exec sleep 1000"));
        node.awaitLog("conf-2", "token-of-conf-2\n");
    }

    @Test
    void aMissingObjectKeepsTheContainerWaitingUntilItAppears() {
        ObjectNode pod = shell("conf-3", "echo $A; cat /c/k; exec sleep 1000");
        with(spec(pod), "{\"volumes\": [{\"name\": \"c\", \"configMap\": {\"name\": \"files\"}}]}");
        with(app(pod), """
                {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "late", "key": "a"}}}],
                 "volumeMounts": [{"name": "c", "mountPath": "/c"}]}
                """);
        node.run(pod);
        node.awaitContainer(
                "conf-3", 0, c -> c.at("/state/waiting/reason").asText().equals("CreateContainerConfigError"));
        assertThat(node.container("conf-3", 0).at("/state/waiting/message").asText())
                .isEqualTo("volume c: configmap \"files\" not found");
        node.config("ConfigMap", "files", Map.of("k", "content"));
        node.awaitContainer(
                "conf-3", 0, c -> c.at("/state/waiting/message").asText().equals("configmap \"late\" not found"));
        node.config("ConfigMap", "late", Map.of("b", "x"));
        node.awaitContainer(
                "conf-3",
                0,
                c -> c.at("/state/waiting/message").asText().equals("couldn't find key a in ConfigMap default/late"));
        assertThat(node.status("conf-3").path("phase").asText()).isEqualTo("Pending");
        node.config("ConfigMap", "late", Map.of("a", "here"));
        node.awaitLog("conf-3", "here\ncontent");
    }

    @Test
    void mountedFilesChangeAtRuntimeAsAWholeButSubPathsAndVariablesDoNot() {
        node.config("ConfigMap", "page", Map.of("a", "old-a", "b", "old-b"));
        ObjectNode pod = shell("conf-4", """
                echo "$(cat /c/a /c/b /single | tr '\\n' ' ') $VAR" && touch /tmp/seen
                while [ "$(cat /c/a)" = old-a ]; do sleep 0.02; done
                echo "$(cat /c/a /c/new /single) $VAR"; ls /c; touch /c/x /single 2>/dev/null && echo writable; exec sleep 1000
                """);
        with(spec(pod), "{\"volumes\": [{\"name\": \"c\", \"configMap\": {\"name\": \"page\"}}]}");
        with(app(pod), """
                {"env": [{"name": "VAR", "valueFrom": {"configMapKeyRef": {"name": "page", "key": "a"}}}],
                 "volumeMounts": [{"name": "c", "mountPath": "/c"}, {"name": "c", "mountPath": "/single", "subPath": "a"}]}
                """);
        node.run(pod);
        node.awaitLog("conf-4", "old-a");
        node.config("ConfigMap", "page", Map.of("a", "new-a", "new", "new-n"));
        node.awaitLog("conf-4", "new\n");
        assertThat(node.logs("conf-4").replaceAll("\\s+", " "))
                .isEqualTo("old-aold-bold-a old-a new-anew-nold-a old-a a new ");
    }

    @Test
    void aChangeThatCannotBeWrittenNowIsWrittenLater() throws IOException {
        node.config("ConfigMap", "page", Map.of("a", "old"));
        ObjectNode pod = shell(
                "conf-7", "cat /c/a; while [ \"$(cat /c/a)\" = old ]; do sleep 0.02; done; cat /c/a; exec sleep 1000");
        with(spec(pod), "{\"volumes\": [{\"name\": \"c\", \"configMap\": {\"name\": \"page\"}}]}");
        with(app(pod), "{\"volumeMounts\": [{\"name\": \"c\", \"mountPath\": \"/c\"}]}");
        node.run(pod);
        node.awaitLog("conf-7", "old");
        Path obstacle = home.resolve("pods/pods/conf-7/volumes/c/..next/x");
        Files.createDirectories(obstacle);
        node.config("ConfigMap", "page", Map.of("a", "new"));
        TestNode.await(
                "the failure told",
                () -> node.events.stream().anyMatch(e -> e.startsWith("conf-7 FailedMount")),
                () -> node.events);
        Files.delete(obstacle);
        node.awaitLog("conf-7", "new");
    }

    @Test
    void itemsChooseKeysPathsAndModes() {
        node.config("Secret", "tls", Map.of("crt", "C", "key", "K"));
        ObjectNode pod = shell(
                "conf-5",
                "cd /t; find . -name '*.pem' | sort; stat -L -c '%a %U' sub/key.pem; cat sub/key.pem; exec sleep 1000");
        with(spec(pod), """
                {"volumes": [{"name": "t", "secret": {"secretName": "tls", "defaultMode": 292, "items": [
                  {"key": "key", "path": "sub/key.pem", "mode": 256}]}}]}
                """);
        with(app(pod), "{\"volumeMounts\": [{\"name\": \"t\", \"mountPath\": \"/t\"}]}");
        node.run(pod);
        node.awaitLog("conf-5", "K");
        assertThat(node.logs("conf-5")).contains("400 nobody", "/sub/key.pem").doesNotContain("crt");
    }

    @Test
    void anEmptyDirIsSharedByThePodsContainersAndSurvivesTheirRestart() {
        ObjectNode pod = shell("conf-6", "test -e /d/x || { echo first >/d/x; exit 1; }; cat /d/x; exec sleep 1000");
        with(spec(pod), "{\"volumes\": [{\"name\": \"d\", \"emptyDir\": {\"medium\": \"Memory\"}}]}");
        with(app(pod), "{\"volumeMounts\": [{\"name\": \"d\", \"mountPath\": \"/d\"}]}");
        spec(pod).withArray("containers").add(Json.parseObject("""
                {"name": "reader", "image": "host", "command": ["sh", "-c", "while [ ! -e /d/x ]; do sleep 0.02; done; touch /d/y 2>/dev/null || echo $(cat /d/x) read only; exec sleep 1000"],
                 "volumeMounts": [{"name": "d", "mountPath": "/d", "readOnly": true}]}
                """));
        node.run(pod);
        node.awaitReady("conf-6");
        TestNode.await(
                "shared",
                () -> node.logs("conf-6", "reader", false).contains("first read only"),
                () -> node.status("conf-6"));
        node.awaitContainer("conf-6", 0, c -> c.path("restartCount").asInt() == 1);
    }
}
