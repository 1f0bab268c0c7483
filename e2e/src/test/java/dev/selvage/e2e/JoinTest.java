package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.link.HubMessage;
import dev.selvage.link.Refused;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 2, "What a new user does" ({@code ./selvage join}) and the part of "Bad input" that is about tokens, names and certificates. */
class JoinTest {
    private static final Duration LIMIT = Eventually.LIMIT;

    @TempDir
    static Path directory;

    private static Selvage centre;
    private static Selvage second;
    private static String used = "";
    private static final List<Selvage> JOINED = new ArrayList<>();

    @BeforeAll
    static void aCentreAndASecondNode() {
        centre = new Selvage(directory.resolve("centre")).up("--no-examples");
        used = invite();
        second = machine("edge-2");
        join(used, second, "--node-name", "edge-2").succeeded();
    }

    @AfterAll
    static void down() {
        JOINED.forEach(Selvage::close);
        centre.close();
    }

    @Test
    void thePrintedCommandMakesANodeThatRunsPods() {
        awaitReady("edge-2");
        assertThat(second.selvage("status").succeeded().output()).contains("node edge-2, linked");
        String selected = new ShellPod("selected", "echo here is $NODE; " + ShellPod.FOREVER)
                .spec("\"nodeSelector\": {\"kubernetes.io/hostname\": \"edge-2\"}")
                .container(
                        "\"env\": [{\"name\": \"NODE\", \"valueFrom\": {\"fieldRef\": {\"fieldPath\": \"spec.nodeName\"}}}]")
                .manifest();
        String named = new ShellPod("named", "echo named; " + ShellPod.FOREVER)
                .spec("\"nodeName\": \"edge-2\"")
                .manifest();
        centre.kubectlWithInput(selected, "apply", "-f", "-").succeeded();
        centre.kubectlWithInput(named, "apply", "-f", "-").succeeded();
        centre.kubectl("wait", "--for=condition=Ready", "pod/selected", "pod/named", "--timeout=5m")
                .succeeded();
        awaitLog("selected", "here is edge-2\n");
        awaitLog("named", "named\n");
        assertThat(pid(second, "selected")).isPositive();
        assertThat(centre.node("/status").path("pods")).isEmpty();
    }

    @Test
    void aTokenIsGoodForOneNode() {
        assertThat(refused(used, "edge-9")).contains("was used 1 of 1 times");
    }

    @Test
    void aTokenEndsAtItsTime() {
        String printed = invite("--ttl", "1s");
        Instant end = Instant.parse(Json.textAt(centre.get("jointoken", tokenName(printed)), "spec", "expiresAt"));
        Eventually.within(LIMIT, "the token's end", () -> Instant.now().isAfter(end.plusMillis(50)));
        assertThat(refused(printed, "edge-9")).contains("\"" + tokenName(printed) + "\" ended at " + end);
    }

    @Test
    void aDeletedTokenIsRefused() {
        String printed = invite();
        centre.kubectl("delete", "jointoken", tokenName(printed)).succeeded();
        assertThat(refused(printed, "edge-9"))
                .contains("\"" + tokenName(printed) + "\" does not exist, was revoked, or has another secret");
    }

    @Test
    void whatIsNoTokenIsRefused() {
        assertThat(refused(used.replaceAll("--token \\S+", "--token garbage"), "edge-9"))
                .contains("found 7 characters that are not NAME.SECRET");
        assertThat(refused(used.replaceAll("--token (\\S+)\\.\\S+", "--token $1.abcdefabcdefabcdefabcdef"), "edge-9"))
                .contains("does not exist, was revoked, or has another secret");
    }

    @Test
    void aCentreWithAnotherAuthorityIsNotTrusted() {
        String printed = invite();
        String wrong = printed.replaceAll("--ca-fingerprint \\S+", "--ca-fingerprint sha256:" + "ab".repeat(32));
        assertThat(refused(wrong, "edge-9"))
                .contains("the server's CA has the fingerprint sha256:", "expected is sha256:" + "ab".repeat(32));
        assertThat(refused(printed.replaceAll("--ca-fingerprint \\S+", "--ca-fingerprint abc"), "edge-9"))
                .contains("CA fingerprint: found \"abc\", accepted are 64 hexadecimal digits");
        assertThat(Json.at(centre.get("jointoken", tokenName(printed)), "status", "uses")
                        .asInt())
                .as("uses of a token that never reached the centre")
                .isZero();
    }

    @Test
    void aNameThatIsTakenIsRefused() {
        assertThat(refused(invite(), "edge-2")).contains("node name \"edge-2\" belongs to a machine with another key");
        awaitReady("edge-2");
    }

    @Test
    void aNodeThatIsDeletedIsCutOffAndItsPodsGoOn() {
        Selvage third = machine("edge-3");
        join(invite(), third, "--node-name", "edge-3").succeeded();
        awaitReady("edge-3");
        centre.kubectlWithInput(
                        new ShellPod("staying", ShellPod.FOREVER)
                                .spec("\"nodeName\": \"edge-3\"")
                                .manifest(),
                        "apply",
                        "-f",
                        "-")
                .succeeded();
        centre.kubectl("wait", "--for=condition=Ready", "pod/staying", "--timeout=5m")
                .succeeded();
        long pid = pid(third, "staying");

        centre.kubectl("delete", "node", "edge-3").succeeded();
        Eventually.within(
                LIMIT,
                "the node to be told that it is revoked",
                () -> Json.textAt(third.node("/status"), "link", "message").startsWith("refused by the hub"));
        assertThat(Json.textAt(third.node("/status"), "link", "message"))
                .contains("(REVOKED)", "node \"edge-3\" was revoked", "enrol it with a new join token");
        assertThat(third.selvage("status").succeeded().output()).contains("node edge-3, working alone");
        assertThat(pid(third, "staying")).isEqualTo(pid);
        assertThat(ProcessHandle.of(pid)).get().matches(ProcessHandle::isAlive);
        assertThat(centre.kubectl("get", "node", "edge-3").failed().output()).contains("\"edge-3\" not found");

        assertThat(join(invite(), third, "--node-name", "edge-3").failed().output())
                .as("a second enrolment of the same directory")
                .contains("is the node edge-3 already");
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefusedByApiAndHub() throws IOException, GeneralSecurityException {
        ForeignCertificate admin =
                ForeignCertificate.make(directory.resolve("admin"), "CN=selvage-admin,O=system:masters");
        ObjectNode config = Json.parseObject(centre.kubectl("config", "view", "--raw", "-o", "json")
                .succeeded()
                .output());
        ((ObjectNode) config.at("/users/0/user"))
                .put("client-certificate-data", admin.certificatePem())
                .put("client-key-data", admin.keyPem());
        Path foreign = Files.write(directory.resolve("foreign.kubeconfig"), Json.bytes(config));
        Command.Result result = centre.kubectl("get", "nodes", "--kubeconfig", foreign.toString());
        assertThat(result.failed().output()).contains("certificate");
        assertThat(result.output()).doesNotContain("edge-1");

        HubMessage answer = ForeignCertificate.make(directory.resolve("node"), "CN=system:node:edge-2,O=system:nodes")
                .hello(centre.hubPort(), "edge-2");
        assertThat(answer.getRefused().getCode()).isEqualTo(Refused.Code.CERTIFICATE_UNTRUSTED);
        assertThat(answer.getRefused().getMessage()).contains("system:node:edge-2", "is not of this centre's CA");
        awaitReady("edge-2");
    }

    /** The command that {@code ./selvage join} prints, in one line. */
    private static String invite(String... options) {
        List<String> line = new ArrayList<>(List.of("join"));
        line.addAll(List.of(options));
        String output = centre.selvage(line.toArray(String[]::new)).succeeded().output();
        int start = output.indexOf("./selvage join --hub");
        assertThat(start).as(output).isPositive();
        return output.substring(start, output.indexOf("\n\n", start)).replaceAll("\\\\\\s+", "");
    }

    private static String tokenName(String printed) {
        return printed.replaceAll(".*--token ([^.]+)\\..*", "$1");
    }

    private static Selvage machine(String name) {
        Selvage machine = new Selvage(directory.resolve(name));
        JOINED.add(machine);
        return machine;
    }

    /** Runs what was printed, as a shell would, in a directory and with ports of its own. */
    private static Command.Result join(String printed, Selvage machine, String... options) {
        String line = String.join(
                " ",
                "cd",
                Selvage.root().toString(),
                "&&",
                printed,
                "--home",
                machine.home().toString(),
                "--port-base",
                Integer.toString(machine.portBase()),
                String.join(" ", options));
        return new Command(List.of("bash", "-c", line)).run(LIMIT);
    }

    /** A join that must fail, and leave neither a process nor a Node behind; returns what it said. */
    private static String refused(String printed, String node) {
        Selvage machine = new Selvage(directory.resolve("refused-" + System.nanoTime()));
        List<String> before = nodes();
        Command.Result result = join(printed, machine, "--node-name", node).failed();
        assertThat(nodes()).isEqualTo(before);
        assertThat(machine.home().resolve("run")).isEmptyDirectory();
        assertThat(Files.exists(machine.home().resolve("node/identity/identity.pem")))
                .isFalse();
        return result.output();
    }

    private static List<String> nodes() {
        List<String> names = new ArrayList<>();
        centre.get("nodes")
                .path("items")
                .forEach(node ->
                        names.add(Json.textAt(node, "metadata", "name") + " " + Json.textAt(node, "metadata", "uid")));
        return names;
    }

    private static void awaitReady(String node) {
        centre.kubectl("wait", "--for=condition=Ready", "node/" + node, "--timeout=5m")
                .succeeded();
    }

    private static void awaitLog(String pod, String text) {
        Eventually.within(
                LIMIT,
                "the log of " + pod,
                () -> centre.kubectl("logs", pod).output().equals(text));
    }

    private static long pid(Selvage machine, String pod) {
        ObjectNode status = machine.node("/status");
        for (JsonNode each : status.path("pods")) {
            if (Json.textAt(each, "name").equals(pod)) {
                return each.path("containers").path(0).path("pid").asLong();
            }
        }
        throw new AssertionError("no pod " + pod + " in " + status);
    }
}
