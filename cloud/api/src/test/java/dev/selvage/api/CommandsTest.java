package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4: kubectl exec over WebSocket (kubernetes KEP-4006), by the clients that people have; commands run as processes of this machine. */
@Timeout(120)
class CommandsTest {
    private static final String ALL = "&stdin=true&stdout=true&stderr=true";
    private static TestApi api;

    @TempDir
    Path home;

    @BeforeAll
    static void start() {
        api = new TestApi(
                TestApi.config(),
                new ExecSession.Bounds(Duration.ofSeconds(3), Duration.ofMinutes(1), Duration.ofMillis(500)));
        api.namespace("exec");
        pod("web", "edge-1");
        pod("far", "away");
        pod("mute", "deaf");
        pod("new", "");
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static void pod(String name, String node) {
        HttpResponse<String> answer =
                api.send("POST", "/api/v1/namespaces/exec/pods", "application/json", """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s"},
                 "spec": {"runtimeClassName": "process", "hostNetwork": true%s,
                          "containers": [{"name": "main", "image": "host", "command": ["sleep", "1000"]}]}}
                """.formatted(
                                name, node.isEmpty() ? "" : ", \"nodeName\": \"" + node + "\""));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    private static CommandSocket exec(String protocol, String flags, String... command) throws Exception {
        return new CommandSocket(api, "exec/web", flags, protocol, List.of(command));
    }

    private static HttpResponse<?> refused(String pod, String flags, String protocol, String... command) {
        try {
            new CommandSocket(api, "exec/" + pod, flags, protocol, List.of(command));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refusal) {
                return refusal.getResponse();
            }
            throw new AssertionError(e);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("it was let in");
    }

    /** kubernetes, remotecommand websocket.go and constants.go: channels, and the Status that carries the exit code. */
    @Test
    void theExitCodeIsAStatusOnTheErrorChannelAndTheOutputsAreApart() throws Exception {
        for (String protocol : List.of("v5.channel.k8s.io", "v4.channel.k8s.io")) {
            CommandSocket socket = exec(protocol, ALL, "sh", "-c", "echo out; echo err >&2; exit 7");
            assertThat(socket.awaitClose()).isEqualTo(1000);
            assertThat(socket.protocol()).isEqualTo(protocol);
            assertThat(socket.text(ExecProtocol.STDOUT)).isEqualTo("out\n");
            assertThat(socket.text(ExecProtocol.STDERR)).isEqualTo("err\n");
            assertThat(Json.text(socket.status()))
                    .contains("\"status\":\"Failure\"", "\"reason\":\"NonZeroExitCode\"")
                    .contains("\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"7\"}]");
        }
        CommandSocket well = exec("v5.channel.k8s.io", ALL, "true");
        assertThat(well.awaitClose()).isEqualTo(1000);
        assertThat(Json.text(well.status())).isEqualTo("{\"metadata\":{},\"status\":\"Success\"}");
    }

    @Test
    void aClosedChannelOfV5IsTheEndOfTheInputAndASizeReachesTheTerminal() throws Exception {
        CommandSocket socket = exec("v5.channel.k8s.io", "&stdin=true&stdout=true&tty=true", "cat");
        socket.send(ExecProtocol.RESIZE, "{\"Width\":132,\"Height\":43}".getBytes(StandardCharsets.UTF_8));
        socket.send(ExecProtocol.STDIN, "typed".getBytes(StandardCharsets.UTF_8));
        socket.send(ExecProtocol.CLOSE, new byte[] {ExecProtocol.STDIN});
        assertThat(socket.awaitClose()).isEqualTo(1000);
        assertThat(socket.text(ExecProtocol.STDOUT)).isEqualTo("typed");
        assertThat(api.commands.sizes).contains("132x43");
    }

    @Test
    void outputThatWasNotAskedForIsNotSent() throws Exception {
        CommandSocket socket = exec("v5.channel.k8s.io", "&stdout=true", "sh", "-c", "echo out; echo err >&2");
        assertThat(socket.awaitClose()).isEqualTo(1000);
        assertThat(socket.text(ExecProtocol.STDOUT)).isEqualTo("out\n");
        assertThat(socket.text(ExecProtocol.STDERR)).isEmpty();
    }

    @Test
    void whatCannotBeIsRefusedBeforeTheUpgradeInWordsThatNameIt() {
        String v5 = "v5.channel.k8s.io";
        assertThat(refused("none", ALL, v5, "ls").statusCode()).isEqualTo(404);
        assertThat(refused("far", ALL, v5, "ls").statusCode()).isEqualTo(503);
        assertThat(refused("new", ALL, v5, "ls").statusCode()).isEqualTo(400);
        assertThat(refused("web", ALL, v5).statusCode()).isEqualTo(400);
        assertThat(refused("web", "", v5, "ls").statusCode()).isEqualTo(400);
        assertThat(refused("web", ALL, "v1.channel.k8s.io", "ls").statusCode()).isEqualTo(400);
        assertThat(refused("web", ALL + "&container=nope", v5, "ls").statusCode())
                .isEqualTo(400);
        String path = "/api/v1/namespaces/exec/pods/";
        assertThat(api.send("POST", path + "web/exec?command=ls&stdout=true", "", "")
                        .body())
                .contains("exec is served over WebSocket only, by kubectl 1.30 and later: found no upgrade");
        assertThat(api.send("POST", path + "far/exec?command=ls&stdout=true", "", "")
                        .body())
                .contains("node \\\"away\\\" is not linked", "ServiceUnavailable");
        assertThat(api.send("POST", path + "web/attach?stdout=true", "", "").body())
                .contains("attach is not served");
        assertThat(api.send("POST", path + "web/portforward?ports=80", "", "").body())
                .contains("port-forward is not served");
    }

    /** RBAC: who connects creates, whatever the method (kubernetes 1.35, AuthorizePodWebsocketUpgradeCreatePermission). */
    @Test
    void whoMayNotCreateAnExecIsRefused() {
        var user = api.client(api.certificates.issue("CN=jane"));
        String path = "/api/v1/namespaces/exec/pods/web/exec?command=ls&stdout=true";
        HttpResponse<String> answer = api.send(user, "GET", path, "", new byte[0]);
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("cannot create resource \\\"pods/exec\\\"");
    }

    @Test
    void aNodeThatDoesNotAnswerIsToldOnTheErrorChannel() throws Exception {
        CommandSocket socket = new CommandSocket(api, "exec/mute", ALL, "v5.channel.k8s.io", List.of("ls"));
        assertThat(socket.awaitClose()).isEqualTo(1000);
        assertThat(Json.text(socket.status())).contains("InternalError", "does not answer", "\"code\":500");
    }

    @Test
    void aClientThatIsKilledEndsTheCommand() throws Exception {
        ObjectKey web = ObjectKey.of(Kinds.POD, "exec", "web");
        CommandSocket socket = exec("v5.channel.k8s.io", ALL, "sh", "-c", "echo on; exec sleep 1000");
        awaitTrue(() -> socket.text(ExecProtocol.STDOUT).equals("on\n"));
        Process process = Objects.requireNonNull(api.commands.processes.get(web));
        socket.abort();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        awaitTrue(() -> api.usage("api_commands").used() == 0);
    }

    @Test
    void aSessionInWhichNothingIsSaidEnds() throws Exception {
        CommandSocket socket = exec("v5.channel.k8s.io", ALL, "sleep", "1000");
        assertThat(socket.awaitClose()).isEqualTo(1000);
        assertThat(Json.text(socket.status())).contains("nothing was said for PT3S");
    }

    @Test
    void tenMebibytesGoThroughACommandByteForByte() throws Exception {
        byte[] input = new byte[10 << 20];
        new Random(7).nextBytes(input);
        CommandSocket socket = exec("v5.channel.k8s.io", ALL, "cat");
        for (int at = 0; at < input.length; at += 100_000) {
            socket.send(
                    ExecProtocol.STDIN, java.util.Arrays.copyOfRange(input, at, Math.min(input.length, at + 100_000)));
        }
        socket.send(ExecProtocol.CLOSE, new byte[] {ExecProtocol.STDIN});
        assertThat(socket.awaitClose()).isEqualTo(1000);
        assertThat(socket.channel(ExecProtocol.STDOUT)).isEqualTo(input);
    }

    @Test
    void fabric8RunsCommands() throws Exception {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:" + api.port())
                .withCaCertData(TestApi.base64(api.certificates.authority().certificatePem()))
                .withClientCertData(TestApi.base64(api.admin.certificatePem()))
                .withClientKeyData(TestApi.base64(api.admin.keyPem()))
                .withClientKeyAlgo("EC")
                .build();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (KubernetesClient client =
                        new KubernetesClientBuilder().withConfig(config).build();
                ExecWatch watch = client.pods()
                        .inNamespace("exec")
                        .withName("web")
                        .redirectingInput()
                        .writingOutput(out)
                        .writingError(err)
                        .exec("sh", "-c", "read line; echo \"<$line>\"; echo err >&2; exit 3")) {
            watch.getInput().write("typed\n".getBytes(StandardCharsets.UTF_8));
            watch.getInput().flush();
            assertThat(watch.exitCode().get(30, TimeUnit.SECONDS)).isEqualTo(3);
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("<typed>\n");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("err\n");
    }

    /** kubectl 1.30 and later; earlier ones are told what they need. */
    @Test
    void everyKubectlOfThisMachineRunsCommandsOrSaysWhatItNeeds() throws Exception {
        Path kubeconfig = api.kubeconfig(home, api.admin);
        for (String program : Kubectl.programs()) {
            Kubectl kubectl = new Kubectl(program, home, kubeconfig);
            Kubectl.Result seven = kubectl.run("", "exec", "-n", "exec", "web", "--", "sh", "-c", "echo out; exit 7");
            if (kubectl.minor() < 30) {
                assertThat(seven.exit()).isEqualTo(1);
                assertThat(seven.err())
                        .contains("exec is served over WebSocket only, by kubectl 1.30 and later: found the upgrade to"
                                + " SPDY/3.1");
                continue;
            }
            assertThat(seven.exit()).as(seven.err()).isEqualTo(7);
            assertThat(seven.out()).isEqualTo("out\n");
            byte[] input = new byte[10 << 20];
            new Random(8).nextBytes(input);
            assertThat(piped(kubectl, input)).isEqualTo(input);
            assertThat(kubectl.run("", "exec", "-n", "exec", "far", "--", "ls").err())
                    .contains("node \"away\" is not linked to the centre");
        }
    }

    private static byte[] piped(Kubectl kubectl, byte[] input) throws IOException, InterruptedException {
        Process process = kubectl.start("exec", "-i", "-n", "exec", "web", "--", "cat");
        Thread typing = Thread.ofVirtual().start(() -> {
            try (OutputStream in = process.getOutputStream()) {
                in.write(input);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(typing.join(Duration.ofSeconds(30))).isTrue();
        return output;
    }

    private static void awaitTrue(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(10); // the poll of a bounded wait
        }
    }
}
