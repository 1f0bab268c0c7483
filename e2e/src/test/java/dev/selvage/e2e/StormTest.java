package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.session.HubAddress;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 3, Faults, 6: "reconnect storms of 200 agents' worth of links". */
class StormTest {
    private static final int NODES = 200;
    /** Two attempts at the longest wait between two, and the centre's own start. */
    private static final Duration ALL_BACK = Duration.ofMinutes(3);

    private static final Duration SLOWEST = Duration.ofSeconds(3);
    private static final long MOST_MEMORY = 1_200L * 1024; // kB: a heap of 768 MiB, and what a JVM has beside it
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path directory;

    @Test
    void afterTheCentreWasKilledEveryNodeLinksAgainWhileTheApiAnswersAndMemoryIsBounded() throws Exception {
        List<FleetNode> fleet = new ArrayList<>();
        try (var centre = new Selvage(directory.resolve("centre")).up("--no-examples")) {
            try {
                join(centre, fleet);
                allLinked(fleet, "at first");
                centre.kill9("centre");
                Eventually.within(
                        ALL_BACK, "the nodes to notice", () -> fleet.stream().noneMatch(FleetNode::linked));
                centre.selvage("start", "centre").succeeded();
                long begun = System.nanoTime();
                Duration slowest = slowestGet(centre, fleet);
                System.out.printf(
                        "%d nodes linked again after %d ms, slowest get meanwhile %d ms, memory at most %d MiB%n",
                        NODES, (System.nanoTime() - begun) / 1_000_000, slowest.toMillis(), peakMemory(centre) / 1024);
                allLinked(fleet, "after the storm");
                assertThat(slowest).isLessThan(SLOWEST);
                assertThat(peakMemory(centre)).isLessThan(MOST_MEMORY);
            } finally {
                for (FleetNode node : fleet) {
                    node.close();
                }
            }
        }
    }

    private void join(Selvage centre, List<FleetNode> fleet) throws IOException {
        String printed = centre.selvage("join").succeeded().output().replaceAll("\\\\\\s+", "");
        String fingerprint = printed.replaceAll("(?s).*--ca-fingerprint (\\S+).*", "$1");
        centre.kubectlWithInput(
                        """
                        {"apiVersion": "selvage.dev/v1alpha1", "kind": "JoinToken", "metadata": {"name": "fleet"},
                         "spec": {"tokenHash": "%s", "expiresAt": "%s", "maxUses": %d}}
                        """.formatted(hash(SECRET), Instant.now().plusSeconds(3_600), NODES), "apply", "-f", "-")
                .succeeded();
        var hub = new HubAddress("127.0.0.1", centre.hubPort());
        for (int i = 0; i < NODES; i++) {
            Path home = Files.createDirectories(directory.resolve("node-" + i));
            fleet.add(new FleetNode(home, "fleet-" + i, hub, fingerprint, "fleet." + SECRET));
        }
    }

    private static void allLinked(List<FleetNode> fleet, String when) {
        Eventually.within(
                ALL_BACK, "all to be linked " + when, () -> fleet.stream().allMatch(FleetNode::linked));
    }

    /** Gets one object after the other until all nodes are linked. */
    private static Duration slowestGet(Selvage centre, List<FleetNode> fleet) throws IOException {
        Duration slowest = Duration.ZERO;
        long end = System.nanoTime() + ALL_BACK.toNanos();
        try (KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(Files.readString(centre.home().resolve("kubeconfig"))))
                .build()) {
            client.namespaces().withName("default").get(); // classes and the connection
            while (System.nanoTime() < end && !fleet.stream().allMatch(FleetNode::linked)) {
                long begun = System.nanoTime();
                assertThat(client.namespaces().withName("default").get()).isNotNull();
                Duration took = Duration.ofNanos(System.nanoTime() - begun);
                slowest = took.compareTo(slowest) > 0 ? took : slowest;
            }
        }
        return slowest;
    }

    private static long peakMemory(Selvage centre) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + centre.pid("centre") + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static String hash(String secret) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
