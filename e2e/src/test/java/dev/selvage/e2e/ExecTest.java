package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Json;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4: kubectl logs and kubectl exec for process pods, on a running installation, by every client that is here. */
class ExecTest {
    private static final Duration LIMIT = Eventually.LIMIT;

    @TempDir
    static Path directory;

    private static Selvage selvage;
    private static KubernetesClient fabric8;

    @BeforeAll
    static void up() {
        selvage = new Selvage(directory.resolve("home")).up("--no-examples");
        selvage.kubectlWithInput(new ShellPod("box", ShellPod.FOREVER).manifest(), "apply", "-f", "-")
                .succeeded();
        selvage.kubectl("wait", "--for=condition=Ready", "pod/box", "--timeout=5m")
                .succeeded();
        fabric8 = selvage.fabric8();
    }

    @AfterAll
    static void down() {
        fabric8.close();
        selvage.close();
    }

    /** Those that speak WebSocket; fabric8 does the same in tests of its own, wherever there is no such kubectl. */
    private static List<String> webSocketKubectls() {
        return Kubectls.all().stream()
                .filter(program -> Kubectls.minor(program) >= 30)
                .toList();
    }

    private static Process start(Path in, Path out, Path err, String... line) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment()
                .put("KUBECONFIG", selvage.home().resolve("kubeconfig").toString());
        return builder.start();
    }

    private static Command.Result kubectl(String program, String... arguments) {
        List<String> line = new ArrayList<>(List.of(program));
        line.addAll(List.of(arguments));
        return new Command(line)
                .environment("KUBECONFIG", selvage.home().resolve("kubeconfig").toString())
                .run(LIMIT);
    }

    private static boolean runs(String word) {
        return ProcessHandle.allProcesses()
                .anyMatch(p ->
                        p.info().arguments().stream().flatMap(Arrays::stream).anyMatch(word::equals));
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        new Random(4).nextBytes(random);
        return random;
    }

    @Test
    void theExitCodeIsKubectlsOwnAndTheOutputsAreApart() throws Exception {
        Path nothing = Files.createFile(directory.resolve("nothing"));
        for (String program : webSocketKubectls()) {
            Path out = directory.resolve("out");
            Path err = directory.resolve("err");
            Process process = start(
                    nothing, out, err, program, "exec", "box", "--", "sh", "-c", "echo out; echo err >&2; exit 7");
            assertThat(process.waitFor()).as(Files.readString(err)).isEqualTo(7);
            assertThat(Files.readString(out)).isEqualTo("out\n");
            assertThat(Files.readString(err)).startsWith("err\n").contains("command terminated with exit code 7");
        }
    }

    @Test
    void tenMebibytesArePipedThroughACommandAndCopiedInAndOut() throws Exception {
        byte[] input = random(10 << 20);
        Path in = Files.write(directory.resolve("in"), input);
        for (String program : webSocketKubectls()) {
            Path out = directory.resolve("piped");
            Process process = start(in, out, directory.resolve("piped.err"), program, "exec", "-i", "box", "--", "cat");
            assertThat(process.waitFor())
                    .as(program + ": " + Files.readString(directory.resolve("piped.err")))
                    .isZero();
            assertThat(Files.readAllBytes(out)).isEqualTo(input);
            kubectl(program, "cp", in.toString(), "box:/tmp/copied").succeeded();
            Path back = directory.resolve("back");
            kubectl(program, "cp", "box:/tmp/copied", back.toString()).succeeded();
            assertThat(Files.readAllBytes(back)).isEqualTo(input);
        }
    }

    /** script(1) is the user's terminal; its size is changed as a window manager would change it. */
    @Test
    void aTerminalHasTheUsersSizeAndFollowsIt() throws Exception {
        Path nothing = Files.createFile(directory.resolve("no-keys"));
        for (String program : webSocketKubectls()) {
            Path out = directory.resolve("terminal");
            String inside = "tty; stty size; echo ready; until stty size | grep \"50 100\"; do sleep 0.1; done; exit 4";
            Process process = start(
                    nothing,
                    out,
                    directory.resolve("terminal.err"),
                    "script",
                    "-qefc",
                    "stty rows 43 cols 132; exec " + program + " exec -it box -- sh -c '" + inside + "'",
                    "/dev/null");
            Eventually.within(
                    LIMIT, "the command on its terminal", () -> read(out).contains("ready"));
            Path terminal = Files.readSymbolicLink(Path.of(
                    "/proc/" + process.children().findFirst().orElseThrow().pid() + "/fd/0"));
            new Command(List.of("stty", "-F", terminal.toString(), "rows", "50", "cols", "100"))
                    .run(LIMIT)
                    .succeeded();
            assertThat(process.waitFor(LIMIT)).as(read(out)).isTrue();
            assertThat(process.exitValue()).as(read(out)).isEqualTo(4);
            assertThat(read(out)).contains("/dev/pts/", "43 132", "50 100");
        }
    }

    @Test
    void aKilledClientLeavesNoCommandBehind() throws Exception {
        for (String program : webSocketKubectls()) {
            Path nothing = directory.resolve("killed");
            Files.write(nothing, new byte[0]);
            Process process = start(
                    nothing,
                    directory.resolve("k.out"),
                    directory.resolve("k.err"),
                    program,
                    "exec",
                    "box",
                    "--",
                    "sleep",
                    "61234");
            Eventually.within(LIMIT, "the command", () -> runs("61234"));
            process.destroyForcibly().waitFor();
            Eventually.within(LIMIT, "its end", () -> !runs("61234"));
        }
    }

    @Test
    void fabric8RunsCommandsToo() throws Exception {
        byte[] input = random(1 << 20);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ExecWatch watch = fabric8.pods()
                .inNamespace(ShellPod.NAMESPACE)
                .withName("box")
                .redirectingInput()
                .writingOutput(out)
                .exec("sh", "-c", "head -c " + input.length + "; exit 5")) {
            watch.getInput().write(input);
            watch.getInput().flush();
            assertThat(watch.exitCode().get(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo(5);
        }
        assertThat(out.toByteArray()).isEqualTo(input);
    }

    @Test
    void aKubectlThatSpeaksOnlySpdyIsToldWhatItNeeds() {
        for (String program : Kubectls.all()) {
            if (Kubectls.minor(program) < 30) {
                assertThat(kubectl(program, "exec", "box", "--", "true")
                                .failed()
                                .output())
                        .contains("exec is served over WebSocket only, by kubectl 1.30 and later");
            }
        }
        assertThat(selvage.kubectl("attach", "box").failed().output()).contains("attach is not served");
        assertThat(selvage.kubectl("port-forward", "box", "8080:80").failed().output())
                .contains("port-forward is not served");
    }

    @Test
    void theDeletionOfThePodEndsItsCommands() throws Exception {
        selvage.kubectlWithInput(new ShellPod("brief", ShellPod.FOREVER).manifest(), "apply", "-f", "-")
                .succeeded();
        selvage.kubectl("wait", "--for=condition=Ready", "pod/brief", "--timeout=5m")
                .succeeded();
        try (ExecWatch watch = fabric8.pods()
                .inNamespace(ShellPod.NAMESPACE)
                .withName("brief")
                .writingOutput(new ByteArrayOutputStream())
                .exec("sleep", "61345")) {
            Eventually.within(LIMIT, "the command", () -> runs("61345"));
            selvage.kubectl("delete", "pod", "brief").succeeded();
            assertThat(watch.exitCode().get(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo(137);
        }
        assertThat(runs("61345")).isFalse();
    }

    /** kubernetes, core/v1 PodLogOptions. */
    @Test
    void logsAreShownAsAsked() {
        selvage.kubectlWithInput(
                        new ShellPod("talker", "echo one; echo two; sleep 2; echo three; " + ShellPod.FOREVER)
                                .spec("\"initContainers\": [{\"name\": \"first\", \"image\": \"host\", \"command\":"
                                        + " [\"sh\", \"-c\", \"echo prepared\"]}]")
                                .manifest(),
                        "apply",
                        "-f",
                        "-")
                .succeeded();
        Eventually.within(
                LIMIT,
                "its log",
                () -> selvage.kubectl("logs", "talker").output().contains("three"));
        assertThat(logs("talker", "--tail=1")).isEqualTo("three\n");
        assertThat(logs("talker", "--limit-bytes=5")).isEqualTo("one\nt");
        assertThat(logs("talker", "--since=1h")).isEqualTo("one\ntwo\nthree\n");
        List<String> stamped = logs("talker", "--timestamps").lines().toList();
        assertThat(stamped).hasSize(3).allMatch(line -> line.matches("\\S+Z (one|two|three)"));
        Instant two = Instant.parse(stamped.get(1).split(" ")[0]);
        Instant three = Instant.parse(stamped.get(2).split(" ")[0]);
        assertThat(three).isAfter(two);
        assertThat(logs("talker", "--since-time=" + three.minusMillis(500))).isEqualTo("three\n");
        assertThat(logs("talker", "--all-containers").lines()) // kubectl goes through them in the order of a Go map
                .containsSubsequence("one", "two", "three")
                .containsExactlyInAnyOrder("prepared", "one", "two", "three");
        assertThat(logs("talker", "-c", "first")).isEqualTo("prepared\n");
        assertThat(selvage.kubectl("logs", "talker", "-c", "none").failed().output())
                .contains("container none is not valid for pod talker");
    }

    @Test
    void theLogOfTheRunBeforeIsKeptAfterACrash() {
        selvage.kubectlWithInput(new ShellPod("crasher", "echo run; sleep 1; exit 3").manifest(), "apply", "-f", "-")
                .succeeded();
        Eventually.within(
                LIMIT,
                "a restart",
                () -> selvage.get("pod", "crasher")
                                .at("/status/containerStatuses/0/restartCount")
                                .asInt()
                        > 0);
        assertThat(logs("crasher", "--previous")).isEqualTo("run\n");
        assertThat(Json.textAt(selvage.get("pod", "crasher"), "status", "phase"))
                .isEqualTo("Running");
        selvage.kubectl("delete", "pod", "crasher").succeeded();
    }

    private static String logs(String pod, String... arguments) {
        List<String> line = new ArrayList<>(List.of("logs", pod));
        line.addAll(List.of(arguments));
        return selvage.kubectl(line.toArray(String[]::new)).succeeded().output();
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
