package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.app;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.spec;
import static dev.selvage.workloads.TestNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without root pods run all the same, limits are not enforced, and the runtime says so (issue 2, What a new user does). */
class UnprivilegedTest {
    private static final int USER = 61234;

    @TempDir
    Path directory;

    @Test
    void anAgentWithoutRootRunsPodsAndSaysThatLimitsAreNotEnforced() throws Exception {
        ObjectNode pod =
                shell("user-1", "id; echo $PLAIN $LD_BIND_NOW; cat /d/x 2>/dev/null; echo mine >/d/x; exec sleep 1000");
        with(spec(pod), "{\"volumes\": [{\"name\": \"d\", \"emptyDir\": {}}]}");
        with(app(pod), """
                {"env": [{"name": "PLAIN", "value": "p"}, {"name": "LD_BIND_NOW", "value": "1"}],
                 "resources": {"limits": {"memory": "64Mi", "cpu": "100m"}},
                 "volumeMounts": [{"name": "d", "mountPath": "/d"}],
                 "readinessProbe": {"exec": {"command": ["grep", "-q", "mine", "/d/x"]}, "periodSeconds": 1}}
                """);
        ObjectNode bad = TestNode.pod("user-2", "no-such-program");
        Files.write(
                directory.resolve("pods.json"),
                Json.bytes(Json.object()
                        .set("items", Json.object().arrayNode().add(pod).add(bad))));
        Path log = Files.createFile(directory.resolve("agent.log"));
        Process agent = new ProcessBuilder(command())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            awaitLine(log, "status user-1", "\"phase\":\"Running\"", "\"ready\":true");
            awaitLine(log, "status user-2", "StartError", "no-such-program");
            assertThat(Files.readString(log)).startsWith("limits cgroups are not writable");
            assertThat(Files.readString(directory.resolve("home/process/runs/user-1/app/0/log")))
                    .startsWith("uid=65534")
                    .contains("p 1\n");
            agent.getOutputStream().write('\n');
            agent.getOutputStream().flush();
            awaitLine(log, "gone user-1");
        } finally {
            agent.getOutputStream().close();
            assertThat(agent.waitFor(20, TimeUnit.SECONDS))
                    .as(Files.readString(log))
                    .isTrue();
        }
    }

    private static void awaitLine(Path log, String... wanted) {
        TestNode.await(
                List.of(wanted).toString(),
                () -> ProcFs.read(log)
                        .orElse("")
                        .lines()
                        .anyMatch(l -> List.of(wanted).stream().allMatch(l::contains)),
                () -> ProcFs.read(log));
    }

    /** Another user can read neither root's Maven repository nor a private temp directory, so the class path is copied. */
    private List<String> command() throws IOException {
        List<String> classPath = new ArrayList<>();
        Path copies = Files.createDirectories(directory.resolve("lib"));
        int number = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path source = Path.of(entry);
            if (entry.contains("jackson") || entry.contains("classes") || entry.contains("selvage")) {
                Path target = copies.resolve(number++ + "-" + source.getFileName());
                copy(source, target);
                classPath.add(target.toString());
            }
        }
        ProjectedDirectory.mode(directory, 0755);
        Path home = Files.createDirectories(directory.resolve("home"));
        OwnFiles.owner(home, USER, USER);
        return List.of(
                "setpriv",
                "--reuid=" + USER,
                "--regid=" + USER,
                "--clear-groups",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                String.join(File.pathSeparator, classPath),
                PodsHost.class.getName(),
                home.toString(),
                directory.resolve("pods.json").toString());
    }

    private static void copy(Path source, Path target) throws IOException {
        if (Files.isRegularFile(source)) {
            Files.copy(source, target);
            return;
        }
        Files.walkFileTree(source, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Path copy = target.resolve(source.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
