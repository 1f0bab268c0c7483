package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Issue 3, fault 3 "Restored or lagging centre", and its "Also": backup and restore drilled in a test, health and metrics of the centre. Each test takes the centre as the
 * one before left it: what it needs it makes itself.
 */
class CentreOperationsTest {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final String REQUEST = "edge-1.release-deletions";

    @TempDir
    static Path directory;

    private static Selvage selvage;

    @BeforeAll
    static void up() {
        selvage = new Selvage(directory.resolve("home")).up("--no-examples");
    }

    @AfterAll
    static void down() {
        selvage.close();
    }

    @Test
    void aRestoredBackupDeletesNothingOnTheNodeUntilAnAdministratorApproves() throws IOException {
        Path backup = directory.resolve("before.backup");
        run("early");
        String made = selvage.selvage("backup", backup.toString()).succeeded().output();
        assertThat(made).contains("Backed up").contains("keep it like a root password");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
                .isEqualTo("rw-------");
        run("late");
        long early = pid("early");
        long late = pid("late");
        Path kubeconfig = Files.copy(selvage.home().resolve("kubeconfig"), directory.resolve("kubeconfig-before"));

        assertThat(selvage.selvage("restore", backup.toString(), "--force")
                        .failed()
                        .output())
                .contains("nothing was replaced")
                .contains("is running: stop it first");
        selvage.selvage("stop", "centre").succeeded();
        assertThat(selvage.selvage("restore", backup.toString()).failed().output())
                .contains("nothing was replaced")
                .contains("--force");
        assertThat(selvage.selvage("restore", backup.toString(), "--force")
                        .succeeded()
                        .output())
                .contains("new incarnation");
        selvage.selvage("start", "centre").succeeded();

        awaitHeld("late");
        assertThat(selvage.kubectl("get", "pods").succeeded().output())
                .contains("early")
                .doesNotContain("late");
        assertThat(alive(early)).isTrue();
        assertThat(alive(late)).isTrue();
        assertThat(with(kubeconfig, "get", "nodes").succeeded().output()).contains("edge-1");

        assertThat(selvage.selvage("approve", REQUEST).succeeded().output()).contains("edge-1 deletes 1 object");
        Eventually.within(LIMIT, "the end of the pod that was approved", () -> !alive(late));
        Eventually.within(
                LIMIT,
                "the end of the request",
                () -> !selvage.kubectl("get", "noderequests").output().contains(REQUEST));
        assertThat(pid("early")).isEqualTo(early);
        assertThat(alive(early)).isTrue();
        selvage.kubectl("delete", "pod", "early", "--timeout=5m").succeeded();
    }

    @Test
    void aCentreThatIsWipedComesBackFromItsBackupAsItWas() throws IOException {
        Path backup = directory.resolve("drill.backup");
        Path secret = Files.writeString(directory.resolve("passphrase"), "correct horse battery staple\n");
        run("steady");
        selvage.kubectl("create", "namespace", "tenant").succeeded();
        selvage.kubectl("create", "configmap", "settings", "-n", "tenant", "--from-literal=colour=green")
                .succeeded();
        selvage.kubectl("create", "secret", "generic", "key", "-n", "tenant", "--from-literal=pin=1234")
                .succeeded();
        String code = selvage.selvage("join").succeeded().output();
        Map<String, String> before = objects();
        String identity = identity();
        long steady = pid("steady");
        selvage.selvage("backup", backup.toString(), "--telemetry", "--passphrase-file", secret.toString())
                .succeeded();
        Path kubeconfig = Files.copy(selvage.home().resolve("kubeconfig"), directory.resolve("kubeconfig-drill"));

        selvage.selvage("stop", "centre").succeeded();
        wipe(selvage.home().resolve("centre"));
        Files.delete(selvage.home().resolve("kubeconfig"));
        assertThat(selvage.selvage("restore", backup.toString()).failed().output())
                .contains("it is encrypted");
        selvage.selvage("restore", backup.toString(), "--passphrase-file", secret.toString())
                .succeeded();
        selvage.selvage("start", "centre").succeeded();

        assertThat(objects()).containsAllEntriesOf(before);
        assertThat(with(kubeconfig, "get", "configmap", "settings", "-n", "tenant", "-o", "jsonpath={.data.colour}")
                        .succeeded()
                        .output())
                .isEqualTo("green");
        // The same CA: the node links by the one that it pinned, with the identity that it has, and the printed join
        // command is still good.
        Eventually.within(
                LIMIT,
                "the node's link",
                () -> selvage.selvage("status").output().contains("node edge-1, linked"));
        assertThat(identity()).isEqualTo(identity);
        assertThat(fingerprint(selvage.selvage("join").succeeded().output())).isEqualTo(fingerprint(code));
        assertThat(pid("steady")).isEqualTo(steady);
        assertThat(alive(steady)).isTrue();
        selvage.kubectl("delete", "pod", "steady", "--timeout=5m").succeeded();
    }

    @Test
    void aDatabaseThatCameUpOnAnotherTimelineDeletesNothingOnTheNode() throws Exception {
        run("first");
        Path data = selvage.home().resolve("centre/postgres/data");
        selvage.selvage("stop", "centre").succeeded();
        copy(data, directory.resolve("data-then"));
        selvage.selvage("start", "centre").succeeded();
        run("second");
        long second = pid("second");
        selvage.selvage("stop", "centre").succeeded();

        // A recovery to an earlier point in time ends on a new timeline (PostgreSQL manual, 25.3.6).
        wipe(data);
        copy(directory.resolve("data-then"), data);
        Files.createFile(data.resolve("recovery.signal"));
        Files.writeString(
                data.resolve("postgresql.auto.conf"), "restore_command = 'false'\n", StandardOpenOption.APPEND);
        selvage.selvage("start", "centre").succeeded();

        awaitHeld("second");
        assertThat(alive(second)).isTrue();
        selvage.selvage("approve", REQUEST).succeeded();
        Eventually.within(LIMIT, "the end of the pod that was approved", () -> !alive(second));
        selvage.kubectl("delete", "pod", "first", "--timeout=5m").succeeded();
    }

    @Test
    void theCentreTellsEachLimitAndHowNearItIs() {
        assertThat(selvage.kubectl("get", "--raw", "/readyz?verbose")
                        .succeeded()
                        .output())
                .contains("[+]store ok", "[+]hub ok", "readyz check passed");
        // The node is linked when its heartbeat says so: a restored centre needs a moment.
        Eventually.within(LIMIT, "the node's link", () -> value(metrics(), "selvage_hub_sessions") == 1);
        String metrics = metrics();
        Map<String, Double> max = limits(metrics, "max");
        Map<String, Double> used = limits(metrics, "used");
        assertThat(used.keySet()).isEqualTo(max.keySet());
        assertThat(max.keySet())
                .contains(
                        "api_requests",
                        "api_large_lists",
                        "api_watches",
                        "api_connections",
                        "api_body_bytes",
                        "store_write_queue",
                        "store_connections",
                        "store_watch_ring",
                        "telemetry_connections",
                        "telemetry_node_series",
                        "hub_connections",
                        "hub_admissions",
                        "hub_node_lane_batches",
                        "hub_node_streams",
                        "process_heap_bytes",
                        "process_open_files");
        assertThat(max.values()).allMatch(limit -> limit > 0);
        used.forEach((limit, now) -> assertThat(now).as(limit).isBetween(0.0, max.get(limit)));
        assertThat(used.get("hub_connections")).isPositive();
        assertThat(value(metrics, "selvage_store_writes_total")).isPositive();
    }

    private static String metrics() {
        return selvage.kubectl("get", "--raw", "/metrics").succeeded().output();
    }

    private static Map<String, Double> limits(String metrics, String side) {
        Map<String, Double> limits = new TreeMap<>();
        Pattern.compile("(?m)^selvage_limit_" + side + "\\{limit=\"(\\w+)\"} (\\S+)$")
                .matcher(metrics)
                .results()
                .forEach(found -> limits.put(found.group(1), Double.valueOf(found.group(2))));
        return limits;
    }

    private static double value(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    /** A pod of that name, ready. */
    private static void run(String name) {
        Eventually.within(
                LIMIT,
                "the centre to take the pod " + name,
                () -> selvage.kubectlWithInput(new ShellPod(name, ShellPod.FOREVER).manifest(), "apply", "-f", "-")
                                .exit()
                        == 0);
        selvage.kubectl("wait", "--for=condition=Ready", "pod/" + name, "--timeout=5m")
                .succeeded();
    }

    /** The request names the pod, and an event says what to do. */
    private static void awaitHeld(String pod) {
        Eventually.within(LIMIT, "the held deletion of " + pod, () -> {
            ObjectNode request = selvage.get("noderequest", REQUEST);
            return Json.textAt(request, "status", "state").equals("Pending")
                    && Json.textAt(request, "spec", "reason").equals("UnknownIncarnation")
                    && request.path("spec").path("objects").toString().contains("\"" + pod + "\"");
        });
        Eventually.within(
                LIMIT,
                "the event",
                () -> selvage.kubectl("get", "events", "-A").output().contains("selvage approve " + REQUEST));
    }

    /** What must be the same object after a restore as before: by kind, namespace and name; uid, revision and content of those that nobody touches. */
    private static Map<String, String> objects() {
        Map<String, String> objects = new TreeMap<>();
        for (JsonNode item : selvage.get("namespaces,configmaps,secrets,nodes,jointokens,pods", "-A")
                .path("items")) {
            String kind = Json.textAt(item, "kind");
            boolean still = !kind.equals("Node") && !kind.equals("Pod");
            objects.put(
                    kind + " " + Json.textAt(item, "metadata", "namespace") + "/"
                            + Json.textAt(item, "metadata", "name"),
                    still ? Json.text(item) : Json.textAt(item, "metadata", "uid"));
        }
        return objects;
    }

    /** Certificate, key and generation as they lie on the node. */
    private static String identity() throws IOException {
        return Files.readString(selvage.home().resolve("node/identity/identity.pem"));
    }

    private static String fingerprint(String joinCommand) {
        return joinCommand.replaceAll("(?s).*--ca-fingerprint (\\S+).*", "$1");
    }

    private static Command.Result with(Path kubeconfig, String... arguments) {
        java.util.List<String> line = new java.util.ArrayList<>(java.util.List.of("kubectl"));
        line.addAll(java.util.List.of(arguments));
        return new Command(line)
                .environment("KUBECONFIG", kubeconfig.toString())
                .run(LIMIT);
    }

    private static long pid(String pod) {
        for (JsonNode each : selvage.node("/status").path("pods")) {
            if (Json.textAt(each, "name").equals(pod)) {
                return each.path("containers").path(0).path("pid").asLong();
            }
        }
        throw new AssertionError("the node has no pod " + pod);
    }

    private static boolean alive(long pid) {
        return Optional.of(pid)
                .flatMap(ProcessHandle::of)
                .filter(ProcessHandle::isAlive)
                .isPresent();
    }

    private static void wipe(Path tree) {
        new Command(java.util.List.of("rm", "-rf", tree.toString())).run(LIMIT).succeeded();
    }

    private static void copy(Path from, Path to) {
        new Command(java.util.List.of("cp", "-a", from.toString(), to.toString()))
                .run(LIMIT)
                .succeeded();
    }
}
