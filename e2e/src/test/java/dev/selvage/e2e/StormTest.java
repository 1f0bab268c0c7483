package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.session.HubAddress;
import io.fabric8.kubernetes.client.KubernetesClient;
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

/**
 * Issue 3, Faults, 6: "reconnect storms of 200 agents' worth of links". What is asserted holds on a machine of any speed; how long it took is printed.
 */
class StormTest {
    private static final int NODES = 200;
    /** Two attempts at the longest wait between two, and the centre's own start. */
    private static final Duration ALL_BACK = Duration.ofMinutes(3);

    /** Of what is alive on the heap of a centre with this fleet; its -Xmx is 768 MiB. */
    private static final long MOST_HEAP = 128L << 20;

    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path directory;

    @Test
    void afterTheCentreWasKilledEveryNodeIsAdmittedOnceWhileTheApiAnswersAndMemoryIsBounded() throws Exception {
        List<FleetNode> fleet = new ArrayList<>();
        try (var centre = new Selvage(directory.resolve("centre")).up("--no-examples")) {
            try {
                centre.selvage("stop", "agent").succeeded(); // it would be counted among the sessions
                join(centre, fleet);
                allLinked(fleet, "at first");
                centre.kill9("centre");
                Eventually.within(
                        ALL_BACK, "the nodes to notice", () -> fleet.stream().noneMatch(FleetNode::linked));
                long sessionsBefore = sessions(fleet);
                long silentBefore = silent(centre);
                centre.selvage("start", "centre").succeeded();
                long begun = System.nanoTime();
                List<Long> gets = getsUntilLinked(centre, fleet);
                allLinked(fleet, "after the storm");
                print(fleet, begun, gets);
                long silent = silent(centre) - silentBefore;
                assertThat(sessions(fleet) - sessionsBefore)
                        .as("sessions that began; %d ended since nothing was heard of the node", silent)
                        .isEqualTo(NODES + silent);
                assertBounded(centre, NODES + silent);
            } finally {
                for (FleetNode node : fleet) {
                    node.close();
                }
            }
        }
    }

    private static long sessions(List<FleetNode> fleet) {
        return fleet.stream().mapToLong(node -> node.linkedAt().size()).sum();
    }

    /** Sessions that the hub ended for their silence of 45 s: a machine that lets no node speak for so long is too busy, which is no fault of the storm's. */
    private static long silent(Selvage centre) throws IOException {
        return centre.centreLogged(l -> l.contains("of node fleet-") && l.contains("ended: nothing was heard for"));
    }

    private static void assertBounded(Selvage centre, long sessions) {
        centre.collectGarbage("centre");
        Figures figures = Figures.of(centre);
        assertThat(figures.value("selvage_hub_sessions")).isEqualTo(NODES);
        assertThat(figures.value("selvage_hub_sessions_total")).isEqualTo((double) sessions);
        assertThat(figures.used("process_heap_bytes")).isLessThan(MOST_HEAP);
        for (String limit : List.of("hub_connections", "hub_newcomers", "hub_node_queued_bytes", "hub_admissions")) {
            assertThat(figures.used(limit)).as(limit).isLessThanOrEqualTo(figures.max(limit));
        }
    }

    /** For whoever reads: how fast it is depends on the machine and on who else uses it. */
    private static void print(List<FleetNode> fleet, long begun, List<Long> gets) {
        List<Long> waits =
                fleet.stream().map(node -> node.linkedAt().getLast() - begun).toList();
        System.out.printf(
                "%d nodes linked again: p50 %d ms, p99 %d ms after the centre was up; %d gets meanwhile: p50 %d ms, p99 %d ms%n",
                NODES,
                percentile(waits, 50),
                percentile(waits, 99),
                gets.size(),
                percentile(gets, 50),
                percentile(gets, 99));
    }

    private static long percentile(List<Long> nanos, int percent) {
        List<Long> sorted = nanos.stream().sorted().toList();
        int at = (int) Math.ceil(sorted.size() * percent / 100.0) - 1;
        return sorted.isEmpty() ? 0 : Math.max(0, sorted.get(Math.max(0, at)) / 1_000_000);
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

    /** Gets one object after the other until all nodes are linked; how long each took, in nanoseconds. */
    private static List<Long> getsUntilLinked(Selvage centre, List<FleetNode> fleet) {
        List<Long> took = new ArrayList<>();
        long end = System.nanoTime() + ALL_BACK.toNanos();
        try (KubernetesClient client = centre.fabric8()) {
            client.namespaces().withName("default").get(); // classes and the connection
            do {
                long begun = System.nanoTime();
                assertThat(client.namespaces().withName("default").get()).isNotNull();
                took.add(System.nanoTime() - begun);
            } while (System.nanoTime() < end && !fleet.stream().allMatch(FleetNode::linked));
        }
        return took;
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
