package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.app;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.spec;
import static dev.selvage.workloads.TestNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Container hooks (kubernetes.io/docs/concepts/containers/container-lifecycle-hooks) and activeDeadlineSeconds (core/v1 PodSpec). */
class LifecycleTest {
    private static final String ON_TERM =
            "trap 'echo term; exit 0' TERM; touch /tmp/up; echo up; while :; do sleep 0.05; done";
    private static final String FAIL = "while [ ! -e /tmp/up ]; do sleep 0.02; done; exit 3";

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

    /** A container's output is its own; what its hooks say comes by a file that it shows. */
    private static ObjectNode hooked(String uid, String script, String lifecycle) {
        ObjectNode pod = shell(uid, script);
        with(app(pod), "{\"lifecycle\": " + lifecycle + "}");
        return pod;
    }

    private static String exec(String hook, String script) {
        return "{\"%s\": {\"exec\": {\"command\": [\"sh\", \"-c\", \"%s\"]}}}".formatted(hook, script);
    }

    /** "The Container's status is not set to RUNNING until the postStart handler completes." */
    @Test
    void aContainerIsNotShownRunningBeforeItsPostStartHookHasReturned() {
        ObjectNode pod = hooked(
                "hook-1",
                "echo up; while [ ! -e /tmp/hooked ]; do sleep 0.02; done; echo hooked; exec sleep 1000",
                exec("postStart", "while [ ! -e /tmp/go ]; do sleep 0.02; done; touch /tmp/hooked"));
        ObjectNode other = shell("hook-2", "exec sleep 1000");
        node.run(pod, other);
        node.awaitLog("hook-1", "up");
        node.awaitReady("hook-2");
        node.awaitContainer("hook-1", 0, c -> !c.path("containerID").asText().isEmpty());
        assertThat(node.container("hook-1", 0).at("/state/waiting/reason").asText())
                .isEqualTo("ContainerCreating");
        assertThat(node.container("hook-1", 0).path("started").asBoolean()).isFalse();
        assertThat(node.status("hook-1").path("phase").asText()).isEqualTo("Pending");
        node.runtime.exec(new RunId("hook-1", "app", 0), List.of("touch", "/tmp/go"), Duration.ofSeconds(30));
        node.awaitReady("hook-1");
        node.awaitLog("hook-1", "hooked");
        assertThat(node.container("hook-1", 0).path("restartCount").asInt()).isZero();
        assertThat(node.history)
                .noneMatch(s ->
                        s.startsWith("hook-1 ") && s.contains("\"ready\":true") && s.contains("\"phase\":\"Pending\""));
    }

    /** "If either a PostStart or PreStop hook fails, it kills the Container." */
    @Test
    void aPostStartHookThatFailsEndsTheContainerWhichStartsAgainByItsPolicy() {
        ObjectNode once = hooked("hook-3", ON_TERM, exec("postStart", FAIL));
        spec(once).put("restartPolicy", "Never");
        ObjectNode again = hooked("hook-4", ON_TERM, exec("postStart", FAIL));
        node.run(once, again);
        node.awaitPhase("hook-3", "Succeeded"); // it ended well when it was asked to
        assertThat(node.events)
                .contains("hook-3 FailedPostStartHook: PostStartHook failed", "hook-3 Killing: FailedPostStartHook");
        assertThat(node.history).noneMatch(s -> s.startsWith("hook-3 ") && s.contains("\"ready\":true"));
        node.awaitContainer("hook-4", 0, c -> c.path("restartCount").asInt() == 1);
    }

    @Test
    void aPodIsDeletedInTheMiddleOfItsPostStartHook() {
        ObjectNode pod = hooked("hook-5", ON_TERM, exec("postStart", "sleep 1000"));
        spec(pod).put("terminationGracePeriodSeconds", 600);
        node.run(pod);
        node.awaitLog("hook-5", "up");
        node.drop("hook-5");
        node.awaitGone("hook-5"); // long before hook and grace are over
        assertThat(node.container("hook-5", 0).at("/state/terminated/exitCode").asInt())
                .isZero();
    }

    /** "The hook ... must complete its execution before the TERM signal to stop the container can be sent." */
    @Test
    void preStopRunsBeforeTermAlsoWhenALivenessProbeFails() {
        ObjectNode pod = hooked(
                "hook-6",
                "trap 'test -e /tmp/stopped && echo term after hook; exit 0' TERM; echo up; while :; do sleep 0.05; done",
                exec("preStop", "sleep 0.5; touch /tmp/stopped"));
        with(app(pod), """
                {"livenessProbe": {"exec": {"command": ["test", "!", "-e", "/tmp/sick"]}, "periodSeconds": 1, "failureThreshold": 1,
                                   "timeoutSeconds": 20}}
                """);
        spec(pod).put("terminationGracePeriodSeconds", 60);
        node.run(pod);
        node.awaitReady("hook-6");
        node.runtime.exec(new RunId("hook-6", "app", 0), List.of("touch", "/tmp/sick"), Duration.ofSeconds(30));
        node.awaitContainer("hook-6", 0, c -> c.path("restartCount").asInt() == 1);
        assertThat(node.logs("hook-6", "app", true)).isEqualTo("up\nterm after hook\n");
        assertThat(node.container("hook-6", 0)
                        .at("/lastState/terminated/exitCode")
                        .asInt())
                .isZero();
    }

    /** It counts against terminationGracePeriodSeconds; at least 2 s are left then (kubelet: minimumGracePeriodInSeconds). */
    @Test
    void aPreStopHookThatFailsOrTakesTooLongIsToldAndTermFollows() {
        String deaf = "trap 'echo term >/dev/termination-log' TERM; echo up; while :; do sleep 0.05; done";
        ObjectNode failing = hooked("hook-7", ON_TERM, exec("preStop", "exit 1"));
        ObjectNode slow = hooked("hook-8", deaf, exec("preStop", "sleep 1000"));
        spec(slow).put("terminationGracePeriodSeconds", 1);
        node.run(failing, slow);
        node.awaitLog("hook-7", "up");
        node.awaitLog("hook-8", "up");
        long began = System.nanoTime();
        node.drop("hook-7");
        node.drop("hook-8");
        node.awaitGone("hook-7");
        node.awaitGone("hook-8");
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isGreaterThanOrEqualTo(Duration.ofMillis(2900)); // TERM after 1 s, KILL 2 s after that
        assertThat(node.container("hook-7", 0).at("/state/terminated/exitCode").asInt())
                .isZero();
        assertThat(node.container("hook-8", 0).at("/state/terminated/exitCode").asInt())
                .isEqualTo(137);
        assertThat(node.container("hook-8", 0).at("/state/terminated/message").asText())
                .isEqualTo("term\n");
        assertThat(node.events)
                .contains(
                        "hook-7 FailedPreStopHook: PreStopHook failed", "hook-8 FailedPreStopHook: PreStopHook failed");
    }

    @Test
    void hooksCallServersAndSleep() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            heard.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("X-Hook"));
            exchange.sendResponseHeaders(500, -1); // the kubelet does not look at it
            exchange.close();
        });
        server.start();
        try {
            ObjectNode pod =
                    hooked("hook-9", ON_TERM, """
                    {"postStart": {"httpGet": {"path": "/started?x=1", "port": %d, "httpHeaders": [{"name": "X-Hook", "value": "yes"}]}},
                     "preStop": {"sleep": {"seconds": 1}}}
                    """.formatted(server.getAddress().getPort()));
            spec(pod).put("terminationGracePeriodSeconds", 600);
            node.run(pod);
            node.awaitReady("hook-9");
            assertThat(heard).containsExactly("/started?x=1 yes");
            long began = System.nanoTime();
            node.drop("hook-9");
            node.awaitGone("hook-9"); // long before its grace is over
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(990));
            assertThat(node.events).noneMatch(e -> e.startsWith("hook-9 Failed"));
        } finally {
            server.stop(0);
        }
    }

    /** "Hook handler ... delivered at least once": the next agent calls what the one before it was in the middle of. */
    @Test
    void anAgentThatStartsCallsAgainWhatTheOneBeforeItWasCalling() {
        ObjectNode pod = hooked(
                "hook-10",
                "trap 'echo term; exit 0' TERM; echo up; while :; do test -e /tmp/n && mv /tmp/n /tmp/o && cat /tmp/o; sleep 0.05; done",
                """
                {"postStart": {"exec": {"command": ["sh", "-c", "echo start >/tmp/m; mv /tmp/m /tmp/n; while [ ! -e /tmp/go ]; do sleep 0.05; done"]}},
                 "preStop": {"exec": {"command": ["sh", "-c", "echo stop >/tmp/m; mv /tmp/m /tmp/n; while [ ! -e /tmp/end ]; do sleep 0.05; done"]}}}
                """);
        spec(pod).put("terminationGracePeriodSeconds", 60);
        node.run(pod);
        node.awaitLog("hook-10", "start\n");
        node = restarted();
        node.run(pod);
        node.awaitLog("hook-10", "start\nstart\n");
        node.runtime.exec(new RunId("hook-10", "app", 0), List.of("touch", "/tmp/go"), Duration.ofSeconds(30));
        node.awaitReady("hook-10");
        node.drop("hook-10");
        node.awaitLog("hook-10", "start\nstart\nstop\n");
        node = restarted();
        node.pods.desired(List.of());
        node.awaitLog("hook-10", "start\nstart\nstop\nstop\n");
        node.runtime.exec(new RunId("hook-10", "app", 0), List.of("touch", "/tmp/end"), Duration.ofSeconds(30));
        node.awaitGone("hook-10");
        assertThat(node.container("hook-10", 0).at("/state/terminated/exitCode").asInt())
                .isZero();
    }

    /** As an agent ends: its threads, not the pods. */
    private TestNode restarted() {
        node.pods.close();
        node.runtime.close();
        return new TestNode(home);
    }

    @Test
    void aPodThatIsActiveForTooLongFailsAlsoAcrossARestartOfTheAgent() {
        ObjectNode pod = shell("hook-11", ON_TERM);
        spec(pod).put("activeDeadlineSeconds", 3);
        node.run(pod);
        node.awaitReady("hook-11");
        String started = node.status("hook-11").path("startTime").asText();
        node = restarted();
        node.run(pod);
        node.awaitPhase("hook-11", "Failed");
        assertThat(node.status("hook-11").path("reason").asText()).isEqualTo("DeadlineExceeded");
        assertThat(node.status("hook-11").path("message").asText())
                .isEqualTo("Pod was active on the node longer than the specified deadline");
        assertThat(node.status("hook-11").path("startTime").asText()).isEqualTo(started);
        assertThat(node.events)
                .contains("hook-11 DeadlineExceeded: Pod was active on the node longer than the specified deadline");
        assertThat(node.container("hook-11", 0).at("/state/terminated/exitCode").asInt())
                .isZero();
        assertThat(node.history)
                .noneMatch(s ->
                        s.startsWith("hook-11 ") && s.contains("\"phase\":\"Failed\"") && s.contains("\"running\""));
    }
}
