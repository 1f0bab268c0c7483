package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What people do, with the kubectl they do it with: Debian's, and newer ones where they are installed. */
class KubectlTest {
    private static final AtomicInteger NAMESPACES = new AtomicInteger();
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, labels: {app: web}}
            spec:
              runtimeClassName: process
              hostNetwork: true
              containers:
              - name: main
                image: host
                command: [sleep, "1000"]
                env: [{name: A, value: "1"}]
                resources: {limits: {cpu: 100m, memory: 64Mi}}
            """;
    private static TestApi api;

    @TempDir
    Path home;

    private String namespace = "";

    @BeforeAll
    static void start() {
        api = new TestApi(TestApi.config());
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    static List<String> programs() {
        return Kubectl.programs();
    }

    private Kubectl kubectl(String program) {
        namespace = api.namespace("kubectl-" + NAMESPACES.incrementAndGet());
        return new Kubectl(program, home, api.kubeconfig(home, api.admin));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void applyCreatesThenFindsUnchangedThenChanges(String program) {
        Kubectl kubectl = kubectl(program);
        String map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: b}}";
        String device = "{apiVersion: selvage.dev/v1alpha1, kind: Site, metadata: {name: %s}, spec: {displayName: One}}"
                .formatted(namespace);
        String both = POD + "---\n" + map + "\n---\n" + device;
        assertThat(kubectl.apply(both, "apply", "-n", namespace, "-f", "-"))
                .contains("pod/web created", "configmap/c created", "site.selvage.dev/" + namespace + " created");
        assertThat(kubectl.apply(both, "apply", "-n", namespace, "-f", "-"))
                .contains("pod/web unchanged", "configmap/c unchanged", "/" + namespace + " unchanged");
        String changed =
                both.replace("a: b", "a: c").replace("app: web", "app: changed").replace("One", "Two");
        assertThat(kubectl.apply(changed, "apply", "-n", namespace, "-f", "-"))
                .contains("pod/web configured", "configmap/c configured", "/" + namespace + " configured");
        assertThat(kubectl.ok("get", "-n", namespace, "cm", "c", "-o", "jsonpath={.data.a}"))
                .isEqualTo("c");
        assertThat(kubectl.ok("get", "site", namespace, "-o", "jsonpath={.spec.displayName}"))
                .isEqualTo("Two");
        assertThat(kubectl.ok("delete", "site", namespace)).contains("deleted");
    }

    /** Issue 4: Deployments with upstream's defaults, scale and set image; a template that no runtime runs is refused at once. */
    @ParameterizedTest
    @MethodSource("programs")
    void aDeploymentIsAppliedScaledAndChanged(String program) {
        Kubectl kubectl = kubectl(program);
        String deployment = """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec:
                      runtimeClassName: process
                      hostNetwork: true
                      containers: [{name: main, image: host, command: [sleep, "1000"]}]
                """;
        assertThat(kubectl.apply(deployment, "apply", "-n", namespace, "-f", "-"))
                .contains("deployment.apps/web created");
        assertThat(kubectl.apply(deployment, "apply", "-n", namespace, "-f", "-"))
                .contains("deployment.apps/web unchanged");
        assertThat(
                        kubectl.ok(
                                "get",
                                "-n",
                                namespace,
                                "deploy",
                                "web",
                                "-o",
                                "jsonpath={.spec.strategy.rollingUpdate.maxSurge} {.spec.progressDeadlineSeconds} {.metadata.generation}"))
                .isEqualTo("25% 600 1");
        assertThat(kubectl.ok("scale", "-n", namespace, "deployment/web", "--replicas=5"))
                .contains("scaled");
        assertThat(kubectl.ok("scale", "-n", namespace, "deployment/web", "--current-replicas=5", "--replicas=0"))
                .contains("scaled");
        assertThat(kubectl.ok("get", "-n", namespace, "deploy", "web"))
                .contains("READY", "UP-TO-DATE", "AVAILABLE", "0/0");
        kubectl.ok("set", "image", "-n", namespace, "deployment/web", "main=host:/srv");
        kubectl.ok("rollout", "pause", "-n", namespace, "deployment/web");
        assertThat(kubectl.ok(
                        "get",
                        "-n",
                        namespace,
                        "deploy",
                        "web",
                        "-o",
                        "jsonpath={.spec.replicas} {.spec.paused} {.spec.template.spec.containers[0].image}"))
                .isEqualTo("0 true host:/srv");
        assertThat(kubectl.run("", "set", "image", "-n", namespace, "deployment/web", "main=nginx:1")
                        .err())
                .contains("spec.template.spec.containers[0].image");
        String other = deployment.replace("{matchLabels: {app: web}}", "{matchLabels: {app: other}}");
        assertThat(kubectl.run(other, "apply", "-n", namespace, "-f", "-").err())
                .contains("field is immutable", "`selector` does not match template `labels`");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void createSendsProtobufOrJsonAndBothArrive(String program) {
        Kubectl kubectl = kubectl(program);
        kubectl.ok("create", "-n", namespace, "configmap", "c", "--from-literal=k=v");
        kubectl.ok("create", "-n", namespace, "secret", "generic", "s", "--from-literal=k=v");
        assertThat(kubectl.ok("get", "-n", namespace, "cm", "c", "-o", "jsonpath={.data.k}"))
                .isEqualTo("v");
        assertThat(kubectl.ok("get", "-n", namespace, "secret", "s", "-o", "jsonpath={.data.k} {.type}"))
                .isEqualTo("dg== Opaque");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void wideTablesShowWhatMatters(String program) {
        Kubectl kubectl = kubectl(program);
        kubectl.apply(POD, "apply", "-n", namespace, "-f", "-");
        ObjectKey key = ObjectKey.of(Kinds.POD, namespace, "web");
        ObjectNode pod = api.resources.get(key).orElseThrow().parse();
        ObjectNode status = Json.child(pod, "status");
        status.put("phase", "Running").put("podIP", "10.1.2.3");
        ObjectNode main = status.putArray("containerStatuses").addObject();
        main.put("name", "main").put("ready", true).put("restartCount", 2);
        main.putObject("state").putObject("running");
        assertThat(api.resources.replaceStatus(pod).succeeded()).isTrue();
        List<String> lines =
                kubectl.ok("get", "-n", namespace, "pods", "-o", "wide").lines().toList();
        assertThat(lines.get(0).split("\\s{2,}"))
                .containsExactly("NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "RUNTIME");
        assertThat(lines.get(1)).matches("web +1/1 +Running +2 +\\d+s +10\\.1\\.2\\.3 +<none> +process");
        assertThat(kubectl.ok("get", "ns", namespace)).matches("(?s)NAME +STATUS +AGE\n" + namespace + " +Active .*");
        assertThat(kubectl.ok("get", "-n", namespace, "pods", "--no-headers", "-l", "app=web"))
                .startsWith("web");
        assertThat(kubectl.ok("get", "-n", namespace, "pods", "--field-selector", "status.phase=Running", "-o", "name"))
                .isEqualTo("pod/web\n");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aWatchShowsChangesAsTheyCome(String program) throws IOException {
        Kubectl kubectl = kubectl(program);
        Process watch = kubectl.start(
                "get", "-n", namespace, "cm", "-w", "--no-headers", "-o", "custom-columns=N:.metadata.name,V:.data.v");
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(watch.getInputStream(), StandardCharsets.UTF_8))) {
            kubectl.ok("create", "-n", namespace, "cm", "c", "--from-literal=v=1");
            assertThat(lines.readLine()).matches("c +1");
            kubectl.ok("patch", "-n", namespace, "cm", "c", "-p", "{\"data\":{\"v\":\"2\"}}");
            assertThat(lines.readLine()).matches("c +2");
        } finally {
            watch.destroy();
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void editLabelAnnotateAndThePatchesWork(String program) throws IOException {
        Kubectl kubectl = kubectl(program);
        kubectl.apply(POD, "apply", "-n", namespace, "-f", "-");
        assertThat(kubectl.ok("label", "-n", namespace, "pod", "web", "tier=front"))
                .contains("labeled");
        assertThat(kubectl.ok("annotate", "-n", namespace, "pod", "web", "note=x"))
                .contains("pod/web annotate");
        kubectl.ok("patch", "-n", namespace, "pod", "web", "-p", "{\"metadata\":{\"labels\":{\"strategic\":\"1\"}}}");
        kubectl.ok(
                "patch",
                "-n",
                namespace,
                "pod",
                "web",
                "--type=merge",
                "-p",
                "{\"metadata\":{\"labels\":{\"merge\":\"1\"}}}");
        kubectl.ok(
                "patch",
                "-n",
                namespace,
                "pod",
                "web",
                "--type=json",
                "-p",
                "[{\"op\":\"add\",\"path\":\"/metadata/labels/json\",\"value\":\"1\"}]");
        assertThat(kubectl.ok("get", "-n", namespace, "pod", "web", "--show-labels"))
                .contains("app=web", "json=1", "merge=1", "strategic=1", "tier=front");
        Path editor = home.resolve("editor");
        Files.writeString(editor, "#!/bin/sh\nsed -i 's/tier: front/tier: back/' \"$1\"\n");
        assertThat(editor.toFile().setExecutable(true)).isTrue();
        assertThat(kubectl.with("KUBE_EDITOR", editor.toString()).ok("edit", "-n", namespace, "pod", "web"))
                .contains("pod/web edited");
        assertThat(kubectl.ok("get", "-n", namespace, "pod", "web", "-o", "jsonpath={.metadata.labels.tier}"))
                .isEqualTo("back");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void explainKnowsBuiltInAndOwnKinds(String program) {
        Kubectl kubectl = kubectl(program);
        assertThat(kubectl.ok("explain", "pod.spec.containers.resources")).contains("limits", "requests");
        assertThat(kubectl.ok("explain", "device")).contains("Device", "spec", "metadata");
        assertThat(kubectl.ok("explain", "pod.metadata")).contains("finalizers", "ownerReferences");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void logsWaitAndDeleteWork(String program) {
        Kubectl kubectl = kubectl(program);
        kubectl.apply(
                POD.replace("hostNetwork: true", "hostNetwork: true\n  nodeName: edge-1"),
                "apply",
                "-n",
                namespace,
                "-f",
                "-");
        assertThat(kubectl.ok("logs", "-n", namespace, "web", "--tail=5", "--timestamps", "--since=10m"))
                .isEqualTo("hello from web/main on edge-1\n");
        LogOptions asked = api.logRequests.getLast();
        assertThat(asked.tailLines()).isEqualTo(5);
        assertThat(asked.timestamps()).isTrue();
        assertThat(asked.since()).hasMinutes(10);
        kubectl.ok("create", "-n", namespace, "cm", "c", "--from-literal=v=1");
        assertThat(kubectl.ok("delete", "-n", namespace, "cm", "c", "--wait")).contains("deleted");
        ObjectNode pod = api.resources
                .get(ObjectKey.of(Kinds.POD, namespace, "web"))
                .orElseThrow()
                .parse();
        Json.child(pod, "status")
                .putArray("conditions")
                .addObject()
                .put("type", "Ready")
                .put("status", "True");
        assertThat(api.resources.replaceStatus(pod).succeeded()).isTrue();
        assertThat(kubectl.ok("wait", "-n", namespace, "--for=condition=Ready", "pod/web", "--timeout=10s"))
                .contains("condition met");
        assertThat(kubectl.ok("delete", "-n", namespace, "pod", "web", "--grace-period=0", "--force"))
                .contains("deleted");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void wrongObjectsAreRefusedByPathAndNothingIsStored(String program) {
        Kubectl kubectl = kubectl(program);
        Kubectl.Result unknown = kubectl.run(
                POD.replace("hostNetwork: true", "hostNetwork: true\n  bad: 1"), "apply", "-n", namespace, "-f", "-");
        assertThat(unknown.exit()).isNotZero();
        assertThat(unknown.err()).containsPattern("unknown field \"(spec\\.)?bad\"");
        Kubectl.Result refused = kubectl.run(
                POD.replace("hostNetwork: true", "hostNetwork: true\n  hostPID: true"),
                "apply",
                "-n",
                namespace,
                "-f",
                "-");
        assertThat(refused.err()).contains("spec.hostPID: Forbidden");
        assertThat(api.resources.get(ObjectKey.of(Kinds.POD, namespace, "web"))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("programs")
    void dryRunOnTheServerChangesNothing(String program) {
        Kubectl kubectl = kubectl(program);
        assertThat(kubectl.apply(POD, "apply", "-n", namespace, "--dry-run=server", "-f", "-"))
                .contains("created (server dry run)");
        assertThat(api.resources.get(ObjectKey.of(Kinds.POD, namespace, "web"))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("programs")
    void discoveryListsOurKindsAndRightsAreAnswered(String program) {
        Kubectl kubectl = kubectl(program);
        assertThat(kubectl.ok("api-resources", "-o", "name"))
                .contains("devices.selvage.dev", "pods", "leases.coordination.k8s.io");
        assertThat(kubectl.ok("auth", "can-i", "create", "pods").strip()).isEqualTo("yes");
        assertThat(kubectl.ok("version")).contains("selvage");
    }
}
