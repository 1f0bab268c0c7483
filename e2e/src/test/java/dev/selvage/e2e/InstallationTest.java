package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Issue 2, "What a new user does": the life of one installation, from the first {@code up} to {@code uninstall}. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class InstallationTest {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final int NOBODY = 65534;

    @TempDir
    static Path directory;

    /** The one installation of this class; the last test has its own, after this one is deleted. */
    private static Selvage selvage;

    @org.junit.jupiter.api.BeforeAll
    static void up() {
        selvage = new Selvage(directory.resolve("home")).up();
    }

    @org.junit.jupiter.api.AfterAll
    static void down() {
        selvage.close();
    }

    @Test
    @Order(1)
    void aSecondUpRestartsNothing() {
        Map<String, Long> before = pids();
        assertThat(before).containsKeys("centre", "agent", "plant").hasSizeGreaterThan(3);
        String said = selvage.selvage("up").succeeded().output();
        assertThat(said).contains("Selvage is up", "KUBECONFIG=" + selvage.home());
        assertThat(pids()).isEqualTo(before);
    }

    @Test
    @Order(2)
    void anotherPortBaseIsRefusedAndNamed() {
        assertThat(selvage.selvage("up", "--port-base", "20000").failed().output())
                .contains("--port-base: found 20000, this installation was made with " + selvage.portBase());
        assertThat(selvage.selvage("up", "--listen", "0.0.0.0").failed().output())
                .contains("--listen: the centre runs on 127.0.0.1");
        selvage.selvage("status").succeeded();
    }

    /** Each object that the platform writes obeys the schema that it serves: who touches one is not warned of fields that are the platform's own. */
    @Test
    @Order(2)
    void everyObjectObeysItsPublishedSchema() {
        String kinds = selvage.kubectl("api-resources", "--verbs=patch", "-o", "name")
                .succeeded()
                .output()
                .strip()
                .replace('\n', ',');
        for (String namespace : List.of("first-light", "selvage-system", "default")) {
            String touched = selvage.kubectl(
                            "annotate", kinds, "--all", "-n", namespace, "touched=yes", "--dry-run=server")
                    .succeeded()
                    .output();
            assertThat(touched).contains("node/edge-1 annotated").doesNotContain("Warning:");
        }
    }

    @Test
    @Order(3)
    void statusFailsWhileAPartDoesNotAnswer() {
        assertThat(selvage.selvage("status").succeeded().output()).contains("ready", "linked");
        selvage.kill9("plant");
        Command.Result result = selvage.selvage("status");
        assertThat(result.exit()).as(result.output()).isEqualTo(1);
        assertThat(result.output()).containsPattern("plant +stopped").contains("./selvage start plant");
        selvage.selvage("start", "plant").succeeded();
        selvage.selvage("status").succeeded();
    }

    @Test
    @Order(4)
    void downLeavesNoProcessAndUpGoesOnFromTheData() {
        selvage.kubectl("create", "configmap", "kept", "--from-literal=a=b").succeeded();
        JsonNode kept = selvage.get("configmap", "kept");
        String incarnation = Json.textAt(selvage.get("namespace", "first-light"), "metadata", "uid");
        List<Long> all = new ArrayList<>(pids().values());
        all.addAll(processes(selvage.home()));

        assertThat(selvage.selvage("down").succeeded().output()).contains("Stopped: plant, agent, centre");
        assertThat(processes(selvage.home()))
                .as("processes of the installation")
                .isEmpty();
        Eventually.within(
                LIMIT,
                "all of them to be gone, collected by process 1",
                () -> all.stream().allMatch(pid -> ProcessHandle.of(pid).isEmpty()));
        Command.Result status = selvage.selvage("status");
        assertThat(status.exit()).as(status.output()).isEqualTo(1);
        assertThat(selvage.selvage("down").succeeded().output()).contains("Nothing was running.");

        selvage.up();
        assertThat(selvage.get("configmap", "kept")).isEqualTo(kept);
        assertThat(Json.textAt(selvage.get("namespace", "first-light"), "metadata", "uid"))
                .isEqualTo(incarnation);
        Eventually.within(
                LIMIT, "the pods to run again", () -> selvage.selvage("status").exit() == 0 && pids().size() > 3);
    }

    @Test
    @Order(5)
    void uninstallAsksFirstAndThenDeletesEverything() {
        assertThat(selvage.selvage("uninstall").failed().output()).contains("nothing was deleted", "--yes");
        selvage.selvage("status").succeeded();
        assertThat(selvage.selvage("uninstall", "--yes").succeeded().output()).contains("Deleted " + selvage.home());
        assertThat(selvage.home()).doesNotExist();
        assertThat(processes(selvage.home())).isEmpty();
    }

    /** Without root, limits that need cgroups are not enforced, and the node says so. */
    @Test
    @Order(6)
    void upWorksWithoutRootAndTheNodeSaysThatLimitsAreNotEnforced() throws IOException {
        Path place = Files.createTempDirectory("selvage-user");
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setAttribute(place, "unix:uid", NOBODY);
        Files.setAttribute(place, "unix:gid", NOBODY);
        Path home = place.resolve("home");
        Selvage user = new Selvage(home);
        try {
            asNobody(user, "up", "--no-examples", "--port-base", Integer.toString(user.portBase()))
                    .succeeded();
            JsonNode limits = condition(user.get("node", "edge-1"), "LimitsEnforced");
            assertThat(Json.textAt(limits, "status")).as("%s", limits).isEqualTo("False");
            assertThat(Json.textAt(limits, "message")).contains("cgroups are not writable", "run the agent as root");
            assertThat(ownersOf(processes(home))).allMatch(owner -> owner == NOBODY);

            user.kubectlWithInput(
                            new ShellPod("limited", "id -u; " + ShellPod.FOREVER)
                                    .container("\"resources\": {\"limits\": {\"memory\": \"64Mi\"}}")
                                    .manifest(),
                            "apply",
                            "-f",
                            "-")
                    .succeeded();
            user.kubectl("wait", "--for=condition=Ready", "pod/limited", "--timeout=5m")
                    .succeeded();
            Eventually.within(
                    LIMIT,
                    "the uid that the pod tells",
                    () -> user.kubectl("logs", "limited").output().strip().equals("" + NOBODY));
            asNobody(user, "uninstall", "--yes").succeeded();
            assertThat(home).doesNotExist();
            assertThat(processes(home)).isEmpty();
        } finally {
            if (Files.exists(home)) {
                user.close();
            }
            new Command(List.of("rm", "-rf", place.toString())).run(LIMIT);
        }
    }

    private static Command.Result asNobody(Selvage user, String... arguments) {
        List<String> line = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                "env",
                "-i",
                "PATH=" + System.getenv("PATH"),
                "HOME=" + user.home().getParent(),
                Selvage.root().resolve("selvage").toString()));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--home", user.home().toString()));
        return new Command(line).run(LIMIT);
    }

    private static JsonNode condition(JsonNode object, String type) {
        for (JsonNode condition : Json.at(object, "status", "conditions")) {
            if (Json.textAt(condition, "type").equals(type)) {
                return condition;
            }
        }
        throw new AssertionError("no condition " + type + " in " + object);
    }

    /** The parts and the pods' containers. */
    private static Map<String, Long> pids() {
        Map<String, Long> pids = new TreeMap<>();
        for (String component : List.of("centre", "agent", "plant")) {
            pids.put(component, selvage.pid(component));
        }
        for (JsonNode pod : selvage.node("/status").path("pods")) {
            pids.put(
                    "pod " + Json.textAt(pod, "name"),
                    pod.path("containers").path(0).path("pid").asLong());
        }
        return pids;
    }

    /** Processes that name the installation's directory in their command line or work in it. */
    private static List<Long> processes(Path home) {
        List<Long> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : all) {
                if (belongs(process, home.toString())) {
                    found.add(Long.parseLong(process.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return found;
    }

    private static boolean belongs(Path process, String home) {
        try {
            return Files.readString(process.resolve("cmdline"), java.nio.charset.StandardCharsets.ISO_8859_1)
                            .contains(home)
                    || Files.readSymbolicLink(process.resolve("cwd")).toString().startsWith(home);
        } catch (IOException gone) {
            return false;
        }
    }

    private static List<Integer> ownersOf(List<Long> processes) throws IOException {
        List<Integer> owners = new ArrayList<>();
        for (long pid : processes) {
            try {
                owners.add((Integer) Files.getAttribute(Path.of("/proc/" + pid), "unix:uid"));
            } catch (NoSuchFileException ended) {
                // a worker of the database, say
            }
        }
        return owners;
    }
}
