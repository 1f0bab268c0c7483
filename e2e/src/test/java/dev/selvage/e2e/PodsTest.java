package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 2, "Process pods", as their users see them: through kubectl, on a running installation. */
class PodsTest {
    private static final Duration LIMIT = Eventually.LIMIT;

    @TempDir
    static Path directory;

    private static Selvage selvage;

    @BeforeAll
    static void up() {
        selvage = new Selvage(directory.resolve("home")).up("--no-examples");
    }

    @AfterAll
    static void down() {
        selvage.close();
    }

    @Test
    void aChangedConfigMapReachesItsFileAndASecretTheEnvironment() {
        apply("""
                {"apiVersion": "v1", "kind": "List", "items": [
                 {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "words"}, "data": {"greeting": "hello"}},
                 {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "stringData": {"password": "open sesame"}}]}
                """);
        apply(new ShellPod(
                        "configured",
                        "echo \"password: $PASSWORD\"; while true; do cat /words/greeting; echo; sleep 0.2; done",
                        "\"volumes\": [{\"name\": \"words\", \"configMap\": {\"name\": \"words\"}}]",
                        "\"volumeMounts\": [{\"name\": \"words\", \"mountPath\": \"/words\"}],"
                                + " \"env\": [{\"name\": \"PASSWORD\", \"valueFrom\": {\"secretKeyRef\": {\"name\": \"keys\", \"key\": \"password\"}}}]")
                .manifest());
        awaitLog("configured", "password: open sesame\nhello\n");
        kubectl("patch", "configmap", "words", "-p", "{\"data\": {\"greeting\": \"good bye\"}}");
        awaitLog("configured", "good bye\n");
        assertThat(container("configured").path("restartCount").asInt(-1)).isZero();
        kubectl("delete", "pod", "configured");
    }

    /** Issue 4: {@code kubectl rollout} tells the truth over real nodes. */
    @Test
    void aDeploymentRollsOutAndBackAsKubectlTellsIt() {
        apply("""
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
                 "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
                  "template": {"metadata": {"labels": {"app": "web"}},
                   "spec": {"runtimeClassName": "process", "hostNetwork": true, "terminationGracePeriodSeconds": 2,
                    "containers": [{"name": "app", "image": "host",
                     "command": ["sh", "-c", "echo $VERSION; trap 'exit 0' TERM; while true; do sleep 0.2; done"],
                     "env": [{"name": "VERSION", "value": "one"}]}]}}}}
                """);
        assertThat(kubectl("rollout", "status", "deployment/web", "--timeout=5m"))
                .contains("successfully rolled out");

        kubectl("set", "env", "deployment/web", "VERSION=two");
        assertThat(kubectl("rollout", "status", "deployment/web", "--timeout=5m"))
                .contains("successfully rolled out");
        assertThat(kubectl("rollout", "history", "deployment/web")).contains("1", "2");
        everyPodSays("two");

        kubectl("rollout", "undo", "deployment/web");
        kubectl("rollout", "status", "deployment/web", "--timeout=5m");
        everyPodSays("one");

        kubectl("delete", "deployment", "web");
        Eventually.within(
                LIMIT,
                "the pods are gone",
                () -> kubectl("get", "pods", "-l", "app=web", "-o", "name").isEmpty());
    }

    /** A pod that ends may be listed by kubectl and gone when its log is asked for. */
    private static void everyPodSays(String version) {
        Eventually.within(LIMIT, "each pod says " + version, () -> {
            Command.Result logs = selvage.kubectl("logs", "-l", "app=web", "--tail=1");
            return logs.exit() == 0 && logs.output().lines().toList().equals(List.of(version, version));
        });
    }

    @Test
    void anInitContainerEndsBeforeTheContainersBegin() {
        apply(new ShellPod(
                        "prepared",
                        "cat /data/prepared; " + ShellPod.FOREVER,
                        """
                        "volumes": [{"name": "data", "emptyDir": {}}],
                        "initContainers": [{"name": "prepare", "image": "host",
                          "command": ["sh", "-c", "echo preparing; sleep 1; echo done >/data/prepared"],
                          "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]""",
                        "\"volumeMounts\": [{\"name\": \"data\", \"mountPath\": \"/data\"}]")
                .manifest());
        kubectl("wait", "--for=condition=Ready", "pod/prepared", "--timeout=5m");
        awaitLog("prepared", "done\n");
        assertThat(kubectl("logs", "prepared", "-c", "prepare")).isEqualTo("preparing\n");
        JsonNode init = pod("prepared").at("/status/initContainerStatuses/0/state/terminated");
        assertThat(init.path("reason").asText()).isEqualTo("Completed");
        assertThat(init.path("exitCode").asInt(-1)).isZero();
    }

    @Test
    void aContainerThatFailsItsLivenessProbeIsRestarted() {
        apply(new ShellPod("sick", "touch /tmp/well; echo started; sleep 1; rm /tmp/well; " + ShellPod.FOREVER)
                .container("""
                        "livenessProbe": {"exec": {"command": ["test", "-e", "/tmp/well"]}, "periodSeconds": 1, "failureThreshold": 2}""")
                .manifest());
        await("sick", "a restart", pod -> container(pod).path("restartCount").asInt() >= 1);
        awaitEvents("sick", "Unhealthy", "Liveness probe failed", "Killing");
        assertThat(kubectl("logs", "sick", "--previous")).isEqualTo("started\n");
        kubectl("delete", "pod", "sick");
    }

    @Test
    void aContainerBeyondItsMemoryLimitIsOomKilled() {
        apply(new ShellPod("greedy", "x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo ${#x}")
                .spec("\"restartPolicy\": \"Never\"")
                .container("\"resources\": {\"limits\": {\"memory\": \"32Mi\"}}")
                .manifest());
        await("greedy", "its end", pod -> phase(pod).equals("Failed"));
        JsonNode end = container("greedy").at("/state/terminated");
        assertThat(end.path("reason").asText()).as("%s", end).isEqualTo("OOMKilled");
        assertThat(end.path("exitCode").asInt()).isEqualTo(137);
    }

    @Test
    void theStatusSaysHowContainersEnded() {
        apply(new ShellPod("good", "echo fine")
                .spec("\"restartPolicy\": \"Never\"")
                .manifest());
        apply(new ShellPod("bad", "exit 42")
                .spec("\"restartPolicy\": \"Never\"")
                .manifest());
        apply(new ShellPod("nothing", "true")
                .manifest()
                .replace("[\"sh\",\"-c\",\"true\"]", "[\"/usr/bin/no-such-program\"]"));
        await("good", "its end", pod -> phase(pod).equals("Succeeded"));
        assertThat(container("good").at("/state/terminated/reason").asText()).isEqualTo("Completed");
        await("bad", "its end", pod -> phase(pod).equals("Failed"));
        assertThat(container("bad").at("/state/terminated/reason").asText()).isEqualTo("Error");
        assertThat(container("bad").at("/state/terminated/exitCode").asInt()).isEqualTo(42);
        await(
                "nothing",
                "the reason why it cannot start",
                pod -> container(pod)
                        .at("/lastState/terminated/reason")
                        .asText()
                        .equals("StartError"));
        assertThat(container("nothing").at("/lastState/terminated/message").asText())
                .contains("failed to execute /usr/bin/no-such-program: No such file or directory");
        kubectl("delete", "pod", "nothing");
    }

    @Test
    void aContainerThatKeepsEndingIsBackedOff() {
        apply(new ShellPod("crashing", "echo attempt; exit 3").manifest());
        await(
                "crashing",
                "the back-off",
                pod -> container(pod).at("/state/waiting/reason").asText().equals("CrashLoopBackOff"));
        // A look may fall into one of the attempts.
        await(
                "crashing",
                "its words",
                pod -> container(pod)
                                .at("/state/waiting/message")
                                .asText()
                                .matches("back-off .*restarting failed container.*")
                        && container(pod).at("/lastState/terminated/exitCode").asInt() == 3);
        Eventually.within(
                LIMIT, "its column", () -> kubectl("get", "pod", "crashing").contains("CrashLoopBackOff"));
        kubectl("delete", "pod", "crashing");
    }

    @Test
    void aPodThatFitsNowhereSaysWhyInWords() {
        apply(new ShellPod("elsewhere", "true")
                .spec("\"nodeSelector\": {\"place\": \"moon\"}")
                .manifest());
        apply(new ShellPod("huge", "true")
                .container("\"resources\": {\"requests\": {\"memory\": \"900Ti\"}}")
                .manifest());
        await(
                "elsewhere",
                "its condition",
                pod -> scheduled(pod).path("status").asText().equals("False"));
        assertThat(scheduled(pod("elsewhere")).path("reason").asText()).isEqualTo("Unschedulable");
        assertThat(scheduled(pod("elsewhere")).path("message").asText())
                .contains("0/1 nodes are available", "1 node(s) didn't match Pod's node affinity/selector");
        await(
                "huge",
                "its condition",
                pod -> scheduled(pod).path("message").asText().contains("1 Insufficient memory"));
        awaitEvents("huge", "FailedScheduling", "Insufficient memory");
        kubectl("delete", "pod", "elsewhere", "huge");
    }

    @Test
    void deletionWaitsForTheGracePeriodAndLeavesNothing() throws IOException {
        apply(new ShellPod(
                        "polite",
                        "trap 'echo closing; sleep 1; echo closed; exit 0' TERM; echo open; "
                                + "while true; do sleep 0.1; done")
                .spec("\"terminationGracePeriodSeconds\": 600") // kubectl waits for less
                .manifest());
        apply(new ShellPod("deaf", "trap '' TERM; echo open; while true; do sleep 0.1; done").manifest());
        awaitLog("polite", "open\n");
        awaitLog("deaf", "open\n");
        long polite = pid("polite");
        long deaf = pid("deaf");
        String uid = Json.textAt(pod("polite"), "metadata", "uid");
        long start = System.nanoTime();
        kubectl("delete", "pod", "polite");
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .as("time of the deletion")
                .isGreaterThan(Duration.ofSeconds(1));
        assertThat(ProcessHandle.of(polite)).isEmpty();
        start = System.nanoTime();
        kubectl("delete", "pod", "deaf"); // its grace is two seconds
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(2));
        assertThat(ProcessHandle.of(deaf)).isEmpty();
        assertThat(selvage.kubectl("get", "pod", "polite").failed().output()).contains("not found");
        assertNoFiles(uid);
    }

    @Test
    void logsAreFollowedAndCut() throws IOException, InterruptedException {
        apply(new ShellPod(
                        "talking",
                        "for i in 1 2 3 4 5; do echo line $i; done; "
                                + "while [ ! -e /tmp/go ]; do sleep 0.1; done; echo last; sleep 0.3")
                .spec("\"restartPolicy\": \"Never\"")
                .manifest());
        awaitLog("talking", "line 5\n");
        assertThat(kubectl("logs", "talking", "--tail=2")).isEqualTo("line 4\nline 5\n");
        Path followed = directory.resolve("followed");
        Process follower = kubectlProcess(followed, "logs", "-f", "talking", "--tail=1");
        Eventually.within(LIMIT, "the first line", () -> read(followed).equals("line 5\n"));
        assertThat(selvage.kubectl("logs", "talking", "--previous").failed().output())
                .contains("previous terminated container \"app\" in pod \"talking\" not found");
        Files.createFile(Path.of("/proc/" + pid("talking") + "/root/tmp/go"));
        assertThat(follower.waitFor(LIMIT))
                .as("the follower ends with the container")
                .isTrue();
        assertThat(read(followed)).isEqualTo("line 5\nlast\n");
    }

    @Test
    void theDeletionOfANamespaceRemovesAllOfItFromTheNode() throws IOException {
        kubectl("create", "namespace", "tenant");
        kubectl("create", "configmap", "map", "-n", "tenant", "--from-literal=a=b");
        apply(new ShellPod("one", ShellPod.FOREVER).manifest("tenant"));
        apply(new ShellPod("two", ShellPod.FOREVER).manifest("tenant"));
        kubectl("wait", "--for=condition=Ready", "pod", "--all", "-n", "tenant", "--timeout=5m");
        List<Long> pids = List.of(pid("one"), pid("two"));
        String uid = Json.textAt(selvage.get("pod", "one", "-n", "tenant"), "metadata", "uid");
        kubectl("delete", "namespace", "tenant", "--timeout=5m");
        assertThat(pids).allSatisfy(pid -> assertThat(ProcessHandle.of(pid)).isEmpty());
        Eventually.within(
                LIMIT,
                "the node lists them no more",
                () -> !selvage.node("/status").path("pods").toString().contains("tenant"));
        assertNoFiles(uid);
        assertThat(selvage.kubectl("get", "namespace", "tenant").failed().output())
                .contains("not found");
    }

    @Test
    void podsOutliveAnAgentThatIsKilled() {
        apply(new ShellPod("steady", "echo started; " + ShellPod.FOREVER).manifest());
        kubectl("wait", "--for=condition=Ready", "pod/steady", "--timeout=5m");
        long pid = pid("steady");
        selvage.kill9("agent");
        assertThat(ProcessHandle.of(pid)).get().matches(ProcessHandle::isAlive);
        selvage.selvage("start", "agent").succeeded();
        Eventually.within(
                LIMIT, "the link", () -> selvage.node("/status").path("linked").asBoolean());
        assertThat(pid("steady")).isEqualTo(pid);
        assertThat(container("steady").path("restartCount").asInt(-1)).isZero();
        assertThat(kubectl("logs", "steady")).isEqualTo("started\n");
        kubectl("delete", "pod", "steady");
        assertThat(ProcessHandle.of(pid)).isEmpty();
    }

    /** Issue 2 names kubectl 1.20, the one that Debian has; and newer ones where found. */
    @Test
    void everyKubectlOfThisMachineWorks() {
        List<String> programs = Kubectls.all();
        assertThat(programs).isNotEmpty();
        for (String program : programs) {
            String name = "by-" + programs.indexOf(program);
            run(program, new ShellPod(name, ShellPod.FOREVER).manifest(), "apply", "-f", "-");
            run(program, "", "wait", "--for=condition=Ready", "pod/" + name, "--timeout=5m");
            assertThat(run(program, "", "get", "pods", "-o", "wide")).contains(name, "Running", "edge-1");
            assertThat(run(program, "", "get", "sites,nodes,devices,pods", "-A"))
                    .contains(name, "edge-1");
            run(program, "", "delete", "pod", name);
        }
    }

    private static String run(String program, String input, String... arguments) {
        List<String> line = new ArrayList<>(List.of(program));
        line.addAll(List.of(arguments));
        return new Command(line)
                .environment("KUBECONFIG", selvage.home().resolve("kubeconfig").toString())
                .input(input)
                .run(LIMIT)
                .succeeded()
                .output();
    }

    private static Process kubectlProcess(Path output, String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of("kubectl"));
        line.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment()
                .put("KUBECONFIG", selvage.home().resolve("kubeconfig").toString());
        return builder.start();
    }

    private static void apply(String manifest) {
        selvage.kubectlWithInput(manifest, "apply", "-f", "-").succeeded();
    }

    private static String kubectl(String... arguments) {
        return selvage.kubectl(arguments).succeeded().output();
    }

    private static JsonNode pod(String name) {
        return selvage.get("pod", name);
    }

    private static JsonNode container(String pod) {
        return container(pod(pod));
    }

    private static JsonNode container(JsonNode pod) {
        return pod.at("/status/containerStatuses/0");
    }

    private static String phase(JsonNode pod) {
        return Json.textAt(pod, "status", "phase");
    }

    private static JsonNode scheduled(JsonNode pod) {
        for (JsonNode condition : pod.at("/status/conditions")) {
            if (Json.textAt(condition, "type").equals("PodScheduled")) {
                return condition;
            }
        }
        return Json.object();
    }

    private static void await(String pod, String what, Predicate<JsonNode> condition) {
        Eventually.within(LIMIT, what + " of pod " + pod, () -> condition.test(pod(pod)));
    }

    private static void awaitLog(String pod, String text) {
        Eventually.within(
                LIMIT,
                "\"" + text + "\" in the log of " + pod,
                () -> selvage.kubectl("logs", pod).output().contains(text));
    }

    /** An event is reported behind the status that it tells of. */
    private static void awaitEvents(String pod, String... words) {
        for (String word : words) {
            Eventually.within(
                    LIMIT,
                    "an event of " + pod + " with " + word,
                    () -> kubectl("get", "events", "--field-selector", "involvedObject.name=" + pod)
                            .contains(word));
        }
    }

    private static long pid(String pod) {
        for (JsonNode each : selvage.node("/status").path("pods")) {
            if (Json.textAt(each, "name").equals(pod)) {
                return each.at("/containers/0/pid").asLong();
            }
        }
        throw new AssertionError("no pod " + pod + " on the node");
    }

    /** Nothing below the node's directory bears the pod's name any more. */
    private static void assertNoFiles(String uid) {
        Eventually.within(
                LIMIT,
                "no file of pod " + uid,
                () -> { // files of others come and go while one looks
                    try (Stream<Path> files = Files.walk(selvage.home().resolve("node"))) {
                        return files.noneMatch(file -> file.toString().contains(uid));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
