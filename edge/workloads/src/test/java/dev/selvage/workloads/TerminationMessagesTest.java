package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.app;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.spec;
import static dev.selvage.workloads.TestNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure */
class TerminationMessagesTest {
    private static final String FALL_BACK = "{\"terminationMessagePolicy\": \"FallbackToLogsOnError\"}";

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

    private static ObjectNode once(String uid, String script) {
        ObjectNode pod = shell(uid, script);
        spec(pod).put("restartPolicy", "Never");
        return pod;
    }

    private String message(String uid) {
        return node.container(uid, 0).at("/state/terminated/message").asText();
    }

    @Test
    void aContainersLastWordsAreInItsStatusAndThoseOfEachRunItsOwn() {
        node.run(
                once("words-1", "echo done >/dev/termination-log"),
                once("words-2", "echo none; exit 1"),
                shell("words-3", "cat /dev/termination-log; echo failed >>/dev/termination-log; exit 3"));
        node.awaitPhase("words-1", "Succeeded");
        node.awaitPhase("words-2", "Failed");
        assertThat(message("words-1")).isEqualTo("done\n");
        assertThat(message("words-2")).isEmpty();
        node.awaitContainer(
                "words-3", 0, c -> c.at("/state/waiting/reason").asText().equals("CrashLoopBackOff"));
        assertThat(node.container("words-3", 0)
                        .at("/lastState/terminated/message")
                        .asText())
                .isEqualTo("failed\n");
        assertThat(node.logs("words-3")).isEmpty();
    }

    /** "Kubernetes limits the length ... to 4096 bytes"; "The total message length across all containers is limited to 12KiB". */
    @Test
    void ofLongWordsTheEndIsKept() {
        ObjectNode pod = once(
                "words-4",
                "head -c 9000 /dev/zero | tr '\\0' a >/dev/termination-log; printf end >>/dev/termination-log");
        for (int i = 0; i < 5; i++) {
            spec(pod)
                    .withArray("containers")
                    .add(Json.parseObject(
                            "{\"name\": \"more-%d\", \"image\": \"host\", \"command\": [\"true\"]}".formatted(i)));
        }
        node.run(pod);
        node.awaitPhase("words-4", "Succeeded");
        assertThat(message("words-4")).hasSize(2048).endsWith("aaend");
    }

    @Test
    void whereThePolicySaysSoTheOutputTellsOfAFailure() {
        ObjectNode failed = once("words-5", "seq 1 2000; exit 4");
        ObjectNode said = once("words-6", "echo output; printf said >/dev/termination-log; exit 4");
        ObjectNode well = once("words-7", "echo output");
        for (ObjectNode pod : new ObjectNode[] {failed, said, well}) {
            with(app(pod), FALL_BACK);
        }
        node.run(failed, said, well);
        node.awaitPhase("words-5", "Failed");
        node.awaitPhase("words-6", "Failed");
        node.awaitPhase("words-7", "Succeeded");
        assertThat(message("words-5")).startsWith("1921\n").endsWith("1999\n2000\n");
        assertThat(message("words-6")).isEqualTo("said");
        assertThat(message("words-7")).isEmpty();
    }

    @Test
    void aFileThatOutgrowsAnyMessageIsCut() throws IOException {
        Path directory = home.resolve("messages");
        Files.createDirectories(directory);
        Path file = directory.resolve("app.0");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(5 << 20);
        }
        new TerminationMessages(directory).trim();
        assertThat(file).hasSize(4096);
    }
}
