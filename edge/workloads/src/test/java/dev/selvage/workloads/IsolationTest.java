package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.app;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.spec;
import static dev.selvage.workloads.TestNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process pod must not have: root, privileges, the host's files, other pods (issue 2, Process pods). */
class IsolationTest {
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

    @Test
    void nothingInsideIsRootOrCanBecomeIt() {
        node.run(shell("iso-1", "id; grep -E 'Cap|NoNewPrivs' /proc/self/status; echo done; exec sleep 1000"));
        node.awaitLog("iso-1", "done");
        assertThat(node.logs("iso-1"))
                .contains("uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)", "NoNewPrivs:\t1")
                .containsPattern("CapEff:\\s0000000000000000")
                .containsPattern("CapPrm:\\s0000000000000000")
                .containsPattern("CapBnd:\\s0000000000000000")
                .containsPattern("CapInh:\\s0000000000000000");
    }

    @Test
    void theHostsFilesAndProcessesAreNotSeenAndNothingCanBeWritten() {
        node.run(shell("iso-2", """
                ls -d /root /home /work %s /etc/shadow /etc/ssl/private 2>/dev/null
                for f in /x /usr/x /etc/x /var/x; do touch $f 2>/dev/null && echo wrote $f; done
                touch /tmp/ok && echo scratch
                (echo 1 >/proc/sys/kernel/panic) 2>/dev/null && echo sysctl
                mount -t tmpfs none /tmp 2>/dev/null && echo mounted
                test "$(ls /proc | grep -c '^[0-9]')" -lt 9 && echo own processes only
                ls /proc/1/root 2>/dev/null && echo peeked
                kill -9 1 2>/dev/null && echo killed
                hostname
                echo done; exec sleep 1000
                """.formatted(home)));
        node.awaitLog("iso-2", "done");
        assertThat(node.logs("iso-2").lines()).containsExactly("scratch", "own processes only", "node-1", "done");
    }

    @Test
    void onePodDoesNotSeeAnothersSecrets() {
        node.config("Secret", "mine", Map.of("password", "s3cr3t-of-one"));
        ObjectNode one = shell("iso-3", "cat /keys/password; exec sleep 1000");
        with(
                spec(one),
                "{\"volumes\": [{\"name\": \"keys\", \"secret\": {\"secretName\": \"mine\", \"defaultMode\": 256}}]}");
        with(app(one), "{\"volumeMounts\": [{\"name\": \"keys\", \"mountPath\": \"/keys\"}]}");
        ObjectNode other = shell("iso-4", """
                find / -xdev -name password 2>/dev/null
                cat /proc/[0-9]*/environ /dev/shm/*/pods/*/volumes/keys/password 2>/dev/null | grep -a s3cr3t
                ls /dev/shm /keys 2>/dev/null
                echo done; exec sleep 1000
                """);
        node.run(one);
        node.awaitLog("iso-3", "s3cr3t-of-one");
        node.run(other);
        node.awaitLog("iso-4", "done");
        assertThat(node.logs("iso-4")).doesNotContain("s3cr3t", "password");
    }

    @Test
    void secretsLieOnTmpfsAndNeverInTheStateOnDisk() throws Exception {
        node.config("Secret", "mine", Map.of("password", "s3cr3t-on-disk"));
        ObjectNode pod = shell("iso-5", "test ${#PASSWORD} = 14 && echo same; exec sleep 1000");
        with(spec(pod), "{\"volumes\": [{\"name\": \"keys\", \"secret\": {\"secretName\": \"mine\"}}]}");
        with(app(pod), """
                {"env": [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "mine", "key": "password"}}}],
                 "volumeMounts": [{"name": "keys", "mountPath": "/keys"}]}
                """);
        node.run(pod);
        node.awaitLog("iso-5", "same");
        node.awaitReady("iso-5"); // told after the last save
        assertThat(filesBelow(home))
                .hasSizeGreaterThan(3)
                .allSatisfy(file -> assertThat(textOf(file)).doesNotContain("s3cr3t-on-disk"));
        assertThat(ProcessHandle.allProcesses().flatMap(p -> p.info().commandLine().stream()))
                .noneMatch(line -> line.contains("s3cr3t-on-disk"));
    }

    /** A state file may be replaced while they are looked for. */
    private static List<Path> filesBelow(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile()) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        return files;
    }

    /** A state file may be replaced between the look at the directory and the look at the file. */
    private static String textOf(Path file) throws IOException {
        try {
            return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    @Test
    void anEnvironmentThatSteersTheLoaderReachesOnlyTheUnprivilegedCommand() {
        ObjectNode pod = shell("iso-6", "echo preload=$LD_PRELOAD tmp=$TMPDIR plain=$PLAIN; exec sleep 1000");
        with(app(pod), """
                {"env": [{"name": "LD_PRELOAD", "value": "/data/evil.so"}, {"name": "TMPDIR", "value": "/x"},
                         {"name": "PLAIN", "value": "p"}],
                 "livenessProbe": {"exec": {"command": ["sh", "-c", "test \\"$PLAIN\\" = p"]}, "periodSeconds": 1}}
                """);
        node.run(pod);
        node.awaitLog("iso-6", "preload=/data/evil.so tmp=/x plain=p");
        // setpriv and bubblewrap, were they to load it, would complain once more before the shell does
        assertThat(node.logs("iso-6").lines().filter(l -> l.contains("cannot be preloaded")))
                .allMatch(l -> l.startsWith("ERROR: ld.so"))
                .hasSizeLessThanOrEqualTo(2);
        assertThat(RunEnvironment.split(Map.of("LD_AUDIT", "a", "GLIBC_TUNABLES", "b", "PATH", "c"))
                        .carried())
                .containsOnlyKeys("PATH");
    }

    @Test
    void anotherRootDirectoryIsAnImageWithoutTheHostsUsr() throws Exception {
        Path root = Files.createDirectories(home.resolve("image"));
        Path busybox = Files.createDirectories(root.resolve("bin")).resolve("tool");
        Files.createDirectories(root.resolve("lib"));
        Files.createSymbolicLink(root.resolve("lib64"), Path.of("lib"));
        for (Path file : Tools.find(true).tools().orElseThrow().libraries(home)) {
            Files.copy(file, root.resolve("lib").resolve(file.getFileName()));
        }
        Files.copy(Path.of("/usr/bin/env"), busybox);
        openToAll(root);
        ObjectNode pod = TestNode.pod("iso-7", "tool");
        app(pod).put("image", "host:" + root);
        with(
                app(pod),
                "{\"env\": [{\"name\": \"LD_LIBRARY_PATH\", \"value\": \"/lib\"}, {\"name\": \"A\", \"value\": \"b\"}]}");
        spec(pod).put("restartPolicy", "Never");
        node.run(pod);
        node.awaitPhase("iso-7", "Succeeded");
        assertThat(node.logs("iso-7")).contains("A=b", "LD_LIBRARY_PATH=/lib", "HOSTNAME=node-1");
    }

    @Test
    void anImageThatIsNoPlainDirectoryIsNamedInTheWaitingReason() {
        ObjectNode pod = shell("iso-8", "true");
        app(pod).put("image", "host:/a/../..");
        ObjectNode registry = shell("iso-9", "true");
        app(registry).put("image", "docker.io/library/busybox:1");
        node.run(pod, registry);
        for (String uid : new String[] {"iso-8", "iso-9"}) {
            node.awaitContainer(
                    uid, 0, c -> c.at("/state/waiting/reason").asText().equals("InvalidImageName"));
            assertThat(node.container(uid, 0).at("/state/waiting/message").asText())
                    .contains("accepted: host");
        }
    }

    private static void openToAll(Path root) throws Exception {
        try (var files = Files.walk(root)) {
            for (Path file : files.filter(f -> !Files.isSymbolicLink(f)).toList()) {
                ProjectedDirectory.mode(file, 0755);
            }
        }
    }
}
