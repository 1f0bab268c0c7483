package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 3, 4 "Identity", with certificates that live for seconds. */
class IdentityTest {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final Duration MAX_OFFLINE_AGE = Duration.ofSeconds(45);

    @TempDir
    static Path directory;

    private static Selvage centre;
    private static final List<Selvage> OTHERS = new ArrayList<>();

    @BeforeAll
    static void aCentreWithShortLives() throws IOException {
        centre = new Selvage(directory.resolve("centre"))
                .centreOptions("node-life=4s\nmax-offline-age=" + MAX_OFFLINE_AGE.toSeconds() + "s\n")
                .up("--no-examples");
    }

    @AfterAll
    static void down() {
        OTHERS.forEach(Selvage::close);
        centre.close();
    }

    /** Offline past the certificate's life: renewed with the old key; past the maximum offline age: denied, then approved; revoked meanwhile: refused. */
    @Test
    void aNodeThatReturnsIsRenewedOrHeldOrRefusedAndItsPodsGoOn() throws Exception {
        Selvage node = join("edge-2");
        apply(new ShellPod("steady", ShellPod.FOREVER)
                .spec("\"nodeName\": \"edge-2\"")
                .manifest());
        centre.kubectl("wait", "--for=condition=Ready", "pod/steady", "--timeout=5m")
                .succeeded();
        long pid = pid(node, "steady");

        node.selvage("stop", "agent").succeeded();
        X509Certificate old = certificates(node, "identity.pem").getFirst();
        Eventually.within(
                LIMIT,
                "the certificate's end",
                () -> Instant.now().isAfter(old.getNotAfter().toInstant().plusSeconds(1)));
        node.selvage("start", "agent").succeeded();
        awaitLinked(node);
        assertThat(certificates(node, "identity.pem").getFirst().getPublicKey()).isNotEqualTo(old.getPublicKey());
        assertThat(centre.kubectl("get", "noderequests").succeeded().output()).doesNotContain("edge-2");

        node.selvage("stop", "agent").succeeded();
        Instant until = Instant.now().plus(MAX_OFFLINE_AGE).plusSeconds(2);
        Eventually.within(LIMIT, "the maximum offline age", () -> Instant.now().isAfter(until));
        node.selvage("start", "agent").succeeded();
        awaitStatus(
                node,
                "(APPROVAL_PENDING)",
                "max-offline-age is " + MAX_OFFLINE_AGE.toSeconds() + " s",
                "selvage approve edge-2.renew-identity");
        assertThat(centre.selvage("approve").succeeded().output())
                .contains("edge-2.renew-identity", "RenewIdentity", "OfflineTooLong", "last heard of at", "host ");
        centre.selvage("deny", "edge-2.renew-identity").succeeded();
        awaitStatus(node, "(APPROVAL_DENIED)", "admin denied its return");
        assertThat(pid(node, "steady")).isEqualTo(pid);
        assertThat(centre.selvage("approve", "edge-2.renew-identity")
                        .succeeded()
                        .output())
                .contains("gets a new certificate when it asks next");
        node.selvage("stop", "agent").succeeded(); // its own next try would come within a minute
        node.selvage("start", "agent").succeeded();
        awaitLinked(node);
        assertThat(centre.kubectl("get", "noderequests").succeeded().output()).doesNotContain("edge-2");

        node.selvage("stop", "agent").succeeded();
        centre.kubectl("delete", "node", "edge-2").succeeded();
        node.selvage("start", "agent").succeeded();
        awaitStatus(node, "(REVOKED)", "was revoked when its Node object was deleted", "with a new join token");
        assertThat(Files.readString(node.home().resolve("logs/agent.log"))).contains("(REVOKED)");
        assertThat(pid(node, "steady")).isEqualTo(pid);
        assertThat(ProcessHandle.of(pid)).get().matches(ProcessHandle::isAlive);
    }

    /** A cloned state directory: one of the two stays, the other is refused, and both are named in an event. */
    @Test
    void ofTwoAgentsOnCopiesOfOneDirectoryOneStaysAndBothAreNamed() throws Exception {
        Selvage first = join("edge-3");
        Selvage copy = copy(first, "edge-3");
        copy.selvage("start", "agent").succeeded();
        awaitStatus(copy, "two machines have the identity of node \"edge-3\"");
        Eventually.within(
                LIMIT,
                "an event that names both",
                () -> named("IdentityInUse", first, copy) || named("IdentityCopied", first, copy));
        awaitLinked(first);

        first.selvage("stop", "agent").succeeded();
        copy.selvage("stop", "agent").succeeded();
        copyIdentity(first, copy);
        copy.selvage("start", "agent").succeeded();
        awaitLinked(copy);
        String won =
                certificates(copy, "identity.pem").getFirst().getSerialNumber().toString();
        Eventually.within(
                LIMIT,
                "a renewal by the copy",
                () -> !certificates(copy, "identity.pem")
                        .getFirst()
                        .getSerialNumber()
                        .toString()
                        .equals(won));
        first.selvage("start", "agent").succeeded();
        awaitStatus(first, "(KEY_STALE)", copy.home().resolve("node").toString());
        Eventually.within(LIMIT, "an event that names both", () -> named("IdentityCopied", first, copy));
        awaitLinked(copy);
    }

    /** CA rotation with overlapping trust while nodes are offline. */
    @Test
    void theCaIsRotatedWhileANodeIsAwayAndKubeconfigsKeepWorkingUntilTheOldOneIsRetired() throws Exception {
        Selvage away = join("edge-4");
        away.selvage("stop", "agent").succeeded();
        Path kubeconfig = Files.copy(centre.home().resolve("kubeconfig"), directory.resolve("old.kubeconfig"));
        long pid = centre.pid("centre");

        centre.selvage("ca", "rotate").succeeded();
        Eventually.within(
                LIMIT,
                "the linked node to trust both",
                () -> certificates(centre, "ca.pem").size() == 2);
        assertThat(centre.selvage("ca", "status").succeeded().output())
                .contains("have not said that they know", "edge-4");
        Eventually.within(
                LIMIT,
                "the retirement to be refused for the node's sake",
                () -> centre.selvage("ca", "retire")
                        .failed()
                        .output()
                        .contains("would be locked out, until enrolled anew: edge-4"));
        nodes(kubeconfig).succeeded();
        centre.kubectl("get", "nodes").succeeded();

        away.selvage("start", "agent").succeeded();
        awaitLinkedOrApprove(away, "edge-4");
        Eventually.within(
                LIMIT,
                "the node that was away to trust both",
                () -> certificates(away, "ca.pem").size() == 2);
        Eventually.within(
                LIMIT,
                "every node to know the new CA",
                () -> centre.selvage("ca", "status").succeeded().output().contains("Every one of"));
        centre.selvage("ca", "retire").succeeded();
        Eventually.within(
                LIMIT,
                "the old CA's client to be refused",
                () -> nodes(kubeconfig).exit() != 0);
        Eventually.within(
                LIMIT,
                "the new kubeconfig",
                () -> centre.kubectl("get", "nodes").exit() == 0);
        Eventually.within(
                LIMIT,
                "the nodes to trust one",
                () -> certificates(away, "ca.pem").size() == 1
                        && certificates(centre, "ca.pem").size() == 1);
        away.selvage("stop", "agent").succeeded();
        away.selvage("start", "agent").succeeded();
        awaitLinkedOrApprove(away, "edge-4");
        awaitLinked(centre);
        assertThat(centre.pid("centre")).as("no restart").isEqualTo(pid);
    }

    private static Command.Result nodes(Path kubeconfig) {
        return centre.kubectl("get", "nodes", "--kubeconfig", kubeconfig.toString());
    }

    private static boolean named(String reason, Selvage first, Selvage second) {
        for (JsonNode event : centre.get("events").path("items")) {
            String message = Json.textAt(event, "message");
            if (Json.textAt(event, "reason").equals(reason)
                    && message.contains(", " + first.home().resolve("node") + ")")
                    && message.contains(", " + second.home().resolve("node") + ")")) {
                return Json.textAt(event, "involvedObject", "kind").equals("Node");
            }
        }
        return false;
    }

    private static void awaitLinked(Selvage node) {
        Eventually.within(
                LIMIT, "the link", () -> node.node("/status").path("linked").asBoolean());
    }

    /** On a slow machine the steps between take longer than the node may be away; then its return is approved. */
    private static void awaitLinkedOrApprove(Selvage node, String name) {
        Eventually.within(LIMIT, "the link", () -> {
            boolean linked = node.node("/status").path("linked").asBoolean();
            if (!linked) {
                centre.selvage("approve", name + ".renew-identity"); // says so where nothing is asked
            }
            return linked;
        });
    }

    /** What the node itself says to whoever stands beside it. */
    private static void awaitStatus(Selvage node, String... words) {
        Eventually.within(LIMIT, String.join(", ", words), () -> {
            String output = node.selvage("node", "status").succeeded().output();
            return Stream.of(words).allMatch(output::contains);
        });
    }

    private static void apply(String manifest) {
        centre.kubectlWithInput(manifest, "apply", "-f", "-").succeeded();
    }

    private static Selvage join(String name) {
        String output = centre.selvage("join").succeeded().output();
        int start = output.indexOf("./selvage join --hub");
        String printed = output.substring(start, output.indexOf("\n\n", start)).replaceAll("\\\\\\s+", "");
        Selvage machine = new Selvage(directory.resolve(name));
        OTHERS.add(machine);
        String line = "cd " + Selvage.root() + " && " + printed + " --home " + machine.home() + " --port-base "
                + machine.portBase() + " --node-name " + name;
        new Command(List.of("bash", "-c", line)).run(LIMIT).succeeded();
        awaitLinked(machine);
        return machine;
    }

    /** The same state directory on "another machine": another home with ports of its own. */
    private static Selvage copy(Selvage original, String name) throws IOException {
        Selvage copy = new Selvage(directory.resolve(name + "-copy"));
        OTHERS.add(copy);
        for (String part : new String[] {"node", "run", "logs"}) {
            Files.createDirectories(copy.home().resolve(part));
        }
        String settings = Files.readString(original.home().resolve("selvage.json"));
        Files.writeString(
                copy.home().resolve("selvage.json"), settings.replace("" + original.portBase(), "" + copy.portBase()));
        Files.writeString(
                copy.home().resolve("node/agent.properties"),
                Files.readString(original.home().resolve("node/agent.properties"))
                        .replace("loopback-port=" + original.nodePort(), "loopback-port=" + copy.nodePort()));
        copyIdentity(original, copy);
        return copy;
    }

    private static void copyIdentity(Selvage original, Selvage copy) throws IOException {
        Path from = original.home().resolve("node/identity");
        Path to = Files.createDirectories(copy.home().resolve("node/identity"));
        try (Stream<Path> old = Files.list(to);
                Stream<Path> files = Files.list(from)) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
            // Without what a renewal is just about to put in place.
            for (Path file : files.filter(f -> !f.getFileName().toString().contains("next"))
                    .toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static List<X509Certificate> certificates(Selvage node, String file) {
        try {
            String text = Files.readString(node.home().resolve("node/identity").resolve(file));
            Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(text.substring(text.indexOf("-----BEGIN CERT"))
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
            return found.stream().map(X509Certificate.class::cast).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
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
