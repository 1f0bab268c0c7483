package dev.selvage.containers;

import static dev.selvage.containers.ContainerNode.app;
import static dev.selvage.containers.ContainerNode.shell;
import static dev.selvage.containers.ContainerNode.spec;
import static dev.selvage.containers.ContainerNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.workloads.LogRequest;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a container may do, and what it is given (core/v1 SecurityContext, ContainerPort, HostPathVolumeSource, PodLogOptions). */
class SecurityTest {
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

    private String output(ObjectNode pod) {
        String uid = pod.path("metadata").path("uid").asText();
        spec(pod).put("restartPolicy", "Never");
        node.run(pod);
        ContainerNode.await(
                uid + " to end",
                () -> node.status(uid).path("phase").asText().matches("Succeeded|Failed"),
                () -> node.status(uid) + " " + node.eventsOf(uid));
        return node.logs(uid);
    }

    @Test
    void theUserIsTheImagesUnlessThePodSaysAnother() {
        assertThat(output(shell("user-1", "id"))).startsWith("uid=0(root) gid=0");
        ObjectNode pod = shell("user-2", "id; cat /own/file; ls -ln /own/..data/ | tail -n1");
        node.config("ConfigMap", "own", java.util.Map.of("file", "readable\n"));
        with(spec(pod), """
                {"securityContext": {"runAsUser": 1000, "runAsGroup": 2000, "supplementalGroups": [3000], "fsGroup": 4000},
                 "volumes": [{"name": "own", "configMap": {"name": "own", "defaultMode": 256}}]}
                """);
        with(app(pod), "{\"volumeMounts\": [{\"name\": \"own\", \"mountPath\": \"/own\"}]}");
        assertThat(output(pod))
                .startsWith("uid=1000 gid=2000 groups=2000,3000,4000\nreadable\n")
                .contains("-r--r-----    1 0        4000");
    }

    @Test
    void aContainerThatWouldRunAsRootAndMustNotIsKeptFromIt() {
        ObjectNode pod = shell("root-1", "id");
        with(app(pod), "{\"securityContext\": {\"runAsNonRoot\": true}}");
        node.run(pod);
        node.awaitWaiting("root-1", "CreateContainerConfigError");
        assertThat(node.container("root-1").at("/state/waiting/message").asText())
                .isEqualTo("container has runAsNonRoot and image will run as root");
    }

    @Test
    void capabilitiesReadOnlyRootAndPrivilegeEscalationAreAsThePodSays() {
        ObjectNode bare = shell(
                "caps-1",
                "grep -E 'CapEff|NoNewPrivs' /proc/self/status; touch /file 2>&1; touch /tmp/file && echo written");
        with(spec(bare), "{\"volumes\": [{\"name\": \"tmp\", \"emptyDir\": {}}]}");
        with(app(bare), """
                {"volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
                 "securityContext": {"readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
                                     "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}}
                """);
        assertThat(output(bare))
                .contains("CapEff:\t0000000000000400")
                .contains("NoNewPrivs:\t1")
                .contains("touch: /file: Read-only file system")
                .contains("written");
    }

    /** core/v1 SecurityContext.privileged: "essentially equivalent to root on the host"; a namespace's Pod Security level decides who may have it. */
    @Test
    void aPrivilegedContainerMayWhatAnotherMayNot() {
        String script =
                "mkdir /m; mount -t tmpfs none /m 2>/dev/null && echo mounted; test -e /dev/kmsg && echo devices; echo end";
        assertThat(output(shell("plain-1", script))).isEqualTo("end\n");
        ObjectNode privileged = shell("privileged-1", script);
        with(app(privileged), "{\"securityContext\": {\"privileged\": true}}");
        spec(privileged).put("restartPolicy", "Never");
        node.run(privileged);
        ContainerNode.await(
                "the engine to have tried",
                () -> node.status("privileged-1").path("phase").asText().equals("Succeeded")
                        || node.container("privileged-1").at("/state/waiting").has("message"),
                () -> node.status("privileged-1").toString());
        String refusal =
                node.container("privileged-1").at("/state/waiting/message").asText();
        if (refusal.isEmpty()) {
            assertThat(node.logs("privileged-1")).isEqualTo("mounted\ndevices\nend\n");
        } else { // a machine that is itself in a sandbox cannot give what it has not
            assertThat(refusal).contains("unable to apply caps: operation not permitted");
        }
    }

    @Test
    void safeSysctlsHoldInThePodAndUnsafeOnesAreRefused() {
        ObjectNode pod = shell("sysctl-1", "cat /proc/sys/net/ipv4/ip_unprivileged_port_start");
        with(spec(pod), """
                {"securityContext": {"sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "80"}]}}
                """);
        assertThat(output(pod)).isEqualTo("80\n");
        ObjectNode unsafe = shell("sysctl-2", "true");
        with(spec(unsafe), "{\"securityContext\": {\"sysctls\": [{\"name\": \"kernel.msgmax\", \"value\": \"1\"}]}}");
        node.run(unsafe);
        node.awaitPhase("sysctl-2", "Failed");
        assertThat(node.status("sysctl-2").path("reason").asText()).isEqualTo("Refused");
        assertThat(node.status("sysctl-2").path("message").asText())
                .startsWith("spec.securityContext.sysctls[0].name: Invalid value: \"kernel.msgmax\": the safe sysctls");
    }

    @Test
    void hostPortHostAliasesAndHostNameAreThePods() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ObjectNode pod = shell(
                "net-1",
                "hostname; grep db /etc/hosts; mkdir /www; echo page >/www/index.html; exec httpd -f -p 8080 -h /www");
        with(spec(pod), """
                {"hostname": "front", "hostAliases": [{"ip": "10.1.2.3", "hostnames": ["db", "db.local"]}]}
                """);
        with(app(pod), """
                {"ports": [{"containerPort": 8080, "hostPort": %d}],
                 "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1}}
                """.formatted(port));
        node.run(pod);
        node.awaitReady("net-1");
        assertThat(node.logs("net-1"))
                .startsWith("front\n")
                .contains("10.1.2.3\tdb\n")
                .contains("10.1.2.3\tdb.local\n");
        String page = new String(
                URI.create("http://127.0.0.1:" + port + "/")
                        .toURL()
                        .openStream()
                        .readAllBytes(),
                StandardCharsets.UTF_8);
        assertThat(page).isEqualTo("page\n");
    }

    @Test
    void aHostPathOfTheWrongTypeWaitsAndSaysWhy() throws Exception {
        Path file = Files.writeString(home.resolve("file"), "of the node\n");
        ObjectNode good = shell("host-1", "cat /file");
        with(
                spec(good),
                "{\"volumes\": [{\"name\": \"f\", \"hostPath\": {\"path\": \"%s\", \"type\": \"File\"}}]}"
                        .formatted(file));
        with(app(good), "{\"volumeMounts\": [{\"name\": \"f\", \"mountPath\": \"/file\", \"readOnly\": true}]}");
        assertThat(output(good)).isEqualTo("of the node\n");
        ObjectNode bad = shell("host-2", "cat /file");
        with(
                spec(bad),
                "{\"volumes\": [{\"name\": \"f\", \"hostPath\": {\"path\": \"%s\", \"type\": \"Directory\"}}]}"
                        .formatted(file));
        with(app(bad), "{\"volumeMounts\": [{\"name\": \"f\", \"mountPath\": \"/file\"}]}");
        node.run(bad);
        node.awaitEvent("host-2", "hostPath type check failed: " + file + " is not a directory");
    }

    @Test
    void commandAndArgumentsTakeThePlaceOfTheImagesAsUpstreamSays() throws Exception {
        engine.call("POST", "/containers/create?name=base", "{\"Image\": \"busybox:1\", \"Cmd\": [\"true\"]}");
        engine.call(
                "POST",
                "/commit?container=base&repo=spoken&tag=1",
                "{\"Entrypoint\": [\"echo\", \"entry\"], \"Cmd\": [\"cmd\"], \"Env\": [\"PATH=/bin\", \"OF=image\"], \"WorkingDir\": \"/tmp\"}");
        engine.call("DELETE", "/containers/base");
        assertThat(output(spoken("cmd-1", "{}"))).isEqualTo("entry cmd\n");
        assertThat(output(spoken(
                        "cmd-2",
                        "{\"args\": [\"mine\", \"$(WHO)\"], \"env\": [{\"name\": \"WHO\", \"value\": \"me\"}]}")))
                .isEqualTo("entry mine me\n");
        assertThat(output(spoken("cmd-3", "{\"command\": [\"sh\", \"-c\", \"echo $OF $PWD $#\"]}")))
                .isEqualTo("image /tmp 0\n");
        assertThat(output(spoken("cmd-4", "{\"command\": [\"echo\"], \"args\": [\"both\"], \"workingDir\": \"/\"}")))
                .isEqualTo("both\n");
    }

    private static ObjectNode spoken(String uid, String fields) {
        ObjectNode pod = ContainerNode.pod(uid);
        with(app(pod), fields).put("image", "spoken:1");
        return pod;
    }

    @Test
    void logsObeyTailLimitTimestampsAndFollow() {
        ObjectNode pod = shell("log-1", "for i in 1 2 3 4; do echo line $i; done; echo problem; exec sleep 1000");
        node.run(pod);
        node.awaitLog("log-1", "problem\n");
        assertThat(node.logs(request("log-1", false, false, OptionalLong.of(2), OptionalLong.empty())))
                .isEqualTo("line 4\nproblem\n");
        assertThat(node.logs(request("log-1", false, false, OptionalLong.empty(), OptionalLong.of(8))))
                .isEqualTo("line 1\nl");
        assertThat(node.logs(request("log-1", false, true, OptionalLong.of(1), OptionalLong.empty())))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d+Z problem\n");
        assertThat(node.logs(request("log-1", true, false, OptionalLong.empty(), OptionalLong.of(14))))
                .isEqualTo("line 1\nline 2\n");
    }

    private static LogRequest request(
            String uid, boolean follow, boolean timestamps, OptionalLong tail, OptionalLong limit) {
        return new LogRequest("default", "", uid, "app", false, follow, timestamps, tail, OptionalLong.empty(), limit);
    }
}
