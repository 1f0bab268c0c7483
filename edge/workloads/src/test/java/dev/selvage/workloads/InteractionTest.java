package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.app;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.spec;
import static dev.selvage.workloads.TestNode.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4: kubectl exec for process pods (core/v1 PodExecOptions). */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class InteractionTest {
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

    private void running(String uid) {
        running(shell(uid, "echo up; exec sleep 1000"));
    }

    private void running(ObjectNode pod) {
        String uid = pod.path("metadata").path("uid").asText();
        node.run(pod);
        node.awaitLog(uid, "up");
    }

    private ExecEnd exec(String uid, Client client, boolean tty, String script) throws Exception {
        return node.pods.exec(
                ObjectKey.of(Kinds.POD, "default", uid),
                uid,
                "",
                new ExecRequest(List.of("sh", "-c", script), tty, true),
                client);
    }

    /** Its future fails with what {@link Pods#exec} throws. */
    private CompletableFuture<ExecEnd> begin(
            AtomicReference<Thread> serving, String uid, Client client, boolean tty, String script) {
        CompletableFuture<ExecEnd> end = new CompletableFuture<>();
        serving.set(Thread.ofVirtual().start(() -> {
            try {
                end.complete(exec(uid, client, tty, script));
            } catch (Throwable e) {
                end.completeExceptionally(e);
            }
        }));
        return end;
    }

    private static boolean runs(String word) {
        return ProcessHandle.allProcesses()
                .anyMatch(p -> ProcFs.commandLine(p.pid()).contains("\0" + word + "\0"));
    }

    private static void awaitEnd(String word) {
        TestNode.await("the end of " + word, () -> !runs(word), () -> "it runs");
    }

    @Test
    void aCommandsOutputItsErrorsAndItsExitCodeArriveApart() throws Exception {
        running("exec-1");
        Client client = new Client(new byte[0]);
        assertThat(exec("exec-1", client, false, "echo out; echo err >&2; exit 7"))
                .isEqualTo(new ExecEnd.Exited(7));
        assertThat(client.output()).isEqualTo("out\n");
        assertThat(client.err.toString(UTF_8)).isEqualTo("err\n");
        assertThat(exec("exec-1", new Client(new byte[0]), false, "kill -TERM $$"))
                .isEqualTo(new ExecEnd.Exited(143));
        Client missing = new Client(new byte[0]);
        assertThat(exec("exec-1", missing, false, "exec no-such-program")).isEqualTo(new ExecEnd.Exited(127));
        assertThat(missing.err.toString(UTF_8)).contains("no-such-program");
    }

    @Test
    void tenMebibytesGoThroughACommandByteForByte() throws Exception {
        running("exec-2");
        byte[] input = new byte[10 << 20];
        new Random(4).nextBytes(input);
        Client client = new Client(input);
        assertThat(exec("exec-2", client, false, "cat")).isEqualTo(new ExecEnd.Exited(0));
        assertThat(client.out.toByteArray()).isEqualTo(input);
    }

    @Test
    void whatACommandDoesNotReadIsDroppedAndHoldsNobodyUp() throws Exception {
        running("exec-3");
        Client client = new Client(new byte[4 << 20]);
        assertThat(exec("exec-3", client, false, "head -c 3 | wc -c")).isEqualTo(new ExecEnd.Exited(0));
        assertThat(client.output().strip()).isEqualTo("3");
    }

    /** PodExecOptions: in the container, as its user, with its environment and within its limits. */
    @Test
    void aCommandIsInTheContainerAsItsUserWithItsEnvironmentAndLimits() throws Exception {
        ObjectNode pod = shell("exec-4", "echo mine >/tmp/mark; echo up; exec sleep 1000");
        with(spec(pod), "{\"securityContext\": {\"runAsUser\": 4321, \"runAsGroup\": 4322}}");
        with(
                app(pod),
                "{\"env\": [{\"name\": \"PLAIN\", \"value\": \"p\"}, {\"name\": \"LD_BIND_NOW\", \"value\": \"1\"}]}");
        running(pod);
        Client client = new Client(new byte[0]);
        exec(
                "exec-4",
                client,
                false,
                "id -u; id -g; echo $PLAIN $LD_BIND_NOW; cat /tmp/mark; grep -c selvage.*/exec-4/app.0 /proc/self/cgroup;"
                        + " grep -E 'NoNewPrivs|CapEff' /proc/self/status");
        List<String> lines = client.output().lines().toList();
        assertThat(lines.subList(0, 4)).containsExactly("4321", "4322", "p 1", "mine");
        assertThat(Integer.parseInt(lines.get(4))).isPositive();
        assertThat(client.output()).contains("NoNewPrivs:\t1", "CapEff:\t0000000000000000");
    }

    @Test
    void aTerminalIsTheCommandsOwnAndControlsIt() throws Exception {
        ObjectNode pod = shell("exec-5", "echo up; exec sleep 1000");
        with(spec(pod), "{\"securityContext\": {\"runAsUser\": 4321}}");
        running(pod);
        Client client = new Client();
        client.resize(new TerminalSize(132, 43));
        AtomicReference<Thread> serving = new AtomicReference<>();
        CompletableFuture<ExecEnd> end = begin(
                serving,
                "exec-5",
                client,
                true,
                "echo $TERM; tty; echo by path >$(tty); echo by name >/dev/tty; until stty size | grep '43 132'; do :; done;"
                        + " trap 'stty size; exit 5' WINCH; echo ready; while read line; do echo \"<$line>\"; done");
        client.awaitOutput("ready");
        assertThat(client.output()).startsWith("xterm\r\n/dev/pts/").contains("by path\r\n", "by name\r\n");
        client.type("hello\n");
        client.awaitOutput("hello\r\n<hello>\r\n"); // the terminal's echo, then the command's answer
        client.resize(new TerminalSize(80, 25));
        client.type("\n");
        assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo(new ExecEnd.Exited(5));
        assertThat(client.output()).contains("25 80\r\n");
    }

    @Test
    void controlCInterruptsWhatRunsInTheForegroundOfAShellWithJobControl() throws Exception {
        running("exec-6");
        Client client = new Client();
        AtomicReference<Thread> serving = new AtomicReference<>();
        CompletableFuture<ExecEnd> end =
                begin(serving, "exec-6", client, true, "PS1='ready> ' exec bash --norc --noprofile -i");
        awaitPromptAfter("", client);
        client.type("sleep 60123\n");
        TestNode.await("the sleep", () -> runs("60123"), client::output);
        client.type("\003");
        awaitEnd("60123");
        awaitPromptAfter("60123", client);
        client.type("echo code $?\n");
        awaitPromptAfter("code 130", client);
        client.type("\004");
        assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo(new ExecEnd.Exited(0));
        assertThat(client.output()).doesNotContain("no job control");
    }

    /** The shell sets up its terminal before it prompts: only what is typed after that goes by the terminal's rules for lines. */
    private static void awaitPromptAfter(String text, Client client) {
        TestNode.await(
                "a prompt after \"" + text + "\"",
                () -> {
                    String output = client.output();
                    int at = output.indexOf(text);
                    return at >= 0 && output.indexOf("ready> ", at) >= 0;
                },
                client::output);
    }

    @Test
    void anInterruptedServerEndsTheCommandAndItsChildren() throws Exception {
        running("exec-7");
        for (boolean tty : List.of(false, true)) {
            AtomicReference<Thread> serving = new AtomicReference<>();
            Client client = new Client();
            CompletableFuture<ExecEnd> end = begin(
                    serving,
                    "exec-7",
                    client,
                    tty,
                    "trap '' HUP TERM; (trap '' HUP; sleep 60231) & sleep 60232 & echo on; wait");
            client.awaitOutput("on");
            serving.get().interrupt();
            assertThat(end)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(InterruptedException.class);
            awaitEnd("60231");
            awaitEnd("60232");
        }
        assertThat(node.container("exec-7", 0).path("restartCount").asInt()).isZero();
    }

    @Test
    void aClientWhoTakesNoMoreEndsTheCommand() throws Exception {
        running("exec-8");
        AtomicReference<Thread> serving = new AtomicReference<>();
        Client client = new Client();
        CompletableFuture<ExecEnd> end =
                begin(serving, "exec-8", client, false, "while :; do echo x; sleep 0.0731; done");
        client.awaitOutput("x");
        client.leave();
        assertThat(end)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining("the client has gone");
        awaitEnd("0.0731");
    }

    @Test
    void theEndOfTheContainerEndsTheCommand() throws Exception {
        running("exec-9");
        AtomicReference<Thread> serving = new AtomicReference<>();
        Client client = new Client();
        CompletableFuture<ExecEnd> end = begin(serving, "exec-9", client, false, "echo on; exec sleep 60345");
        client.awaitOutput("on");
        node.drop("exec-9");
        assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo(new ExecEnd.Exited(137));
        node.awaitGone("exec-9");
        assertThat(exec("exec-9", new Client(), false, "true"))
                .isEqualTo(new ExecEnd.NotPossible("pod default/exec-9 is not on this node"));
    }

    /** As upstream: nohup in an exec is how people leave something running. */
    @Test
    void whatACommandLeavesBehindRunsOnAndHoldsNobodyUp() throws Exception {
        running("exec-10");
        Client client = new Client();
        assertThat(exec("exec-10", client, false, "sleep 60456 & echo done")).isEqualTo(new ExecEnd.Exited(0));
        assertThat(client.output()).isEqualTo("done\n");
        assertThat(runs("60456")).isTrue();
        node.drop("exec-10");
        awaitEnd("60456");
    }

    @Test
    void aRuntimeThatRunsNoCommandsSaysSo() throws Exception {
        PodRuntime plain = (PodRuntime) java.lang.reflect.Proxy.newProxyInstance(
                PodRuntime.class.getClassLoader(),
                new Class<?>[] {PodRuntime.class},
                (proxy, method, arguments) -> method.isDefault()
                        ? java.lang.reflect.InvocationHandler.invokeDefault(proxy, method, arguments)
                        : "wasm");
        assertThat(plain.interact(new RunId("u", "c", 0), new ExecRequest(List.of("ls"), false, false), new Client()))
                .isEqualTo(new ExecEnd.NotPossible("the runtime \"wasm\" runs no interactive commands"));
    }
}
