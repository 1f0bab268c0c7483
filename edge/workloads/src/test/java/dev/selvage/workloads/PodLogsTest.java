package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.pod;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pod logs (core/v1 PodLogOptions). */
class PodLogsTest {
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

    private static LogRequest request(
            String uid, boolean follow, boolean timestamps, long tail, long since, long limit) {
        return new LogRequest(
                "default", "", uid, "", false, follow, timestamps, optional(tail), optional(since), optional(limit));
    }

    private static OptionalLong optional(long value) {
        return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
    }

    @Test
    void tailLimitAndTimestampsShapeWhatIsRead() {
        node.run(shell(
                "log-1", "for i in 1 2 3 4 5; do echo line $i; done; printf half; echo error >&2; exec sleep 1000"));
        node.awaitLog("log-1", "error");
        assertThat(node.logs(request("log-1", false, false, 2, -1, -1))).isEqualTo("line 5\nhalferror\n");
        assertThat(node.logs(request("log-1", false, false, 0, -1, -1))).isEmpty();
        assertThat(node.logs(request("log-1", false, false, 99, -1, 9))).isEqualTo("line 1\nli");
        assertThat(node.logs(request("log-1", false, false, -1, 60_000, -1))).startsWith("line 1\n");
        assertThat(node.logs(request("log-1", false, true, 1, -1, -1)))
                .matches("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z halferror\n");
    }

    @Test
    void followGoesOnUntilTheContainerEnds() throws Exception {
        ObjectNode pod = shell("log-2", "for i in 1 2 3 4 5 6; do echo line $i; sleep 0.2; done");
        spec(pod).put("restartPolicy", "Never");
        node.run(pod);
        node.awaitLog("log-2", "line 1");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AtomicReference<Exception> failed = new AtomicReference<>();
        Thread reader = Thread.ofVirtual().start(() -> {
            try {
                node.pods.logs(request("log-2", true, false, -1, -1, -1), out);
            } catch (Exception e) {
                failed.set(e);
            }
        });
        assertThat(reader.join(java.time.Duration.ofSeconds(20))).isTrue();
        assertThat(failed.get()).isNull();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("line 1\n").endsWith("line 6\n");
    }

    @Test
    void whatIsNotThereIsNamed() {
        node.run(pod("log-3", "sleep", "1000"));
        node.awaitReady("log-3");
        assertThatThrownBy(() -> node.logs(LogRequest.of("default", "nobody", "")))
                .isInstanceOf(LogsUnavailableException.class)
                .hasMessage("pod default/nobody is not on this node");
        assertThatThrownBy(() -> node.logs(LogRequest.of("default", "log-3", "web")))
                .hasMessage("container web is not valid for pod log-3, it has: [app]");
        assertThatThrownBy(() -> node.logs("log-3", "app", true))
                .hasMessage("previous terminated container \"app\" in pod \"log-3\" not found");
    }

    @Test
    void aHoleThatIsPunchedWhileTheLogIsReadCostsWholeLinesOnly() throws Exception {
        RunFiles files = RunFiles.of(home, new RunId("log-4", "app", 0));
        Files.createDirectories(files.directory());
        String hole = "\0".repeat(4096);
        Files.writeString(files.log(), "one\ncut" + hole + "tail of a cut line\nwith \0 inside\nlast\n");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new LogReader(files, request("log-4", false, false, -1, -1, -1), out, () -> true, 1 << 20).copy();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("one\nwith \0 inside\nlast\n");
    }

    @Test
    void theIndexOfTimesIsThinnedAtItsLimitAndKeepsTheNewest() throws Exception {
        Path file = home.resolve("times");
        for (int i = 1; i <= 9000; i++) {
            LogTimes.note(file, i * 10L, 1_000_000L + i);
        }
        NavigableMap<Long, Long> times = LogTimes.read(file);
        assertThat(Files.size(file)).isLessThan(8193 * 16L);
        assertThat(times.lastEntry().getValue()).isEqualTo(1_009_000L);
        assertThat(LogTimes.at(times, 89_995, 0)).isEqualTo(1_009_000L);
        assertThat(LogTimes.at(times, 90_000, 7)).isEqualTo(7);
        assertThat(LogTimes.at(times, 0, 0)).isLessThanOrEqualTo(1_000_002L);
    }
}
