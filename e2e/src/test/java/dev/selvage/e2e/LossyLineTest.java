package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.sim.net.LossyLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 3, Faults, 6: "300 ms and 20 % loss by a TUN or tbf set-up in a network namespace". The agent and its pods are inside; the centre is outside. */
class LossyLineTest {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final int NUMBER = (int) (ProcessHandle.current().pid() % 200);
    /** The hub's patience with a session of which it hears nothing: so often at most can a session end by silence. */
    private static final Duration SILENCE = Duration.ofSeconds(45);

    private static final int MOST_SESSIONS = 8;
    private static final int SAMPLES = 15;

    @TempDir
    static Path directory;

    private static LossyLine line;
    private static Selvage centre;
    private static Selvage far;

    @BeforeAll
    static void aNodeBehindTheLine() throws IOException {
        line = LossyLine.open(NUMBER, 20);
        centre = new Selvage(directory.resolve("centre")).up("--no-examples", "--listen", line.nearAddress());
        far = new Selvage(directory.resolve("far"));
        String printed = centre.selvage("join").succeeded().output();
        int start = printed.indexOf("./selvage join --hub");
        String join = printed.substring(start, printed.indexOf("\n\n", start)).replaceAll("\\\\\\s+", "");
        inside(join + " --node-name far --port-base " + far.portBase() + " --home " + far.home())
                .succeeded();
    }

    @AfterAll
    static void down() throws IOException {
        inside("./selvage down --home " + far.home());
        centre.close();
        line.close();
    }

    @Test
    void aNodeThatComesOverABadLineLinksRunsAPodAndStaysLinked() throws IOException {
        inside("./selvage stop agent --home " + far.home()).succeeded();
        Files.writeString(
                far.home().resolve("node/agent.properties"), "metrics-interval=1s\n", StandardOpenOption.APPEND);
        long begun = System.currentTimeMillis();
        long sessionsBefore = sessions(); // none, where the agent was stopped before it had linked
        line.condition(Duration.ofMillis(150), 0.2);
        inside("./selvage start agent --home " + far.home());
        centre.kubectlWithInput(
                        new ShellPod("remote", "echo over a bad line; " + ShellPod.FOREVER)
                                .spec("\"nodeName\": \"far\"")
                                .manifest(),
                        "apply",
                        "-f",
                        "-")
                .succeeded();
        Eventually.within(
                LIMIT,
                "the pod to run and to be reported",
                () -> centre.kubectl("wait", "--for=condition=Ready", "pod/remote", "--timeout=5s")
                                .exit()
                        == 0);
        Eventually.within(
                LIMIT,
                "its log to come",
                () -> centre.kubectl("logs", "remote").output().equals("over a bad line\n"));
        centre.kubectl("delete", "pod", "remote", "--wait=false").succeeded();
        Eventually.within(
                LIMIT,
                "the pod to be gone",
                () -> centre.kubectl("get", "pod", "remote").exit() != 0);
        assertEachSampleIsThereOnce(begun);
        assertThat(sessions() - sessionsBefore)
                .as("sessions that began over the bad line")
                .isBetween(1L, MOST_SESSIONS + (System.currentTimeMillis() - begun) / SILENCE.toMillis());
    }

    /** A sample of the node's figures begins where the one before ended: none is missing, none is there twice. */
    private static void assertEachSampleIsThereOnce(long begun) {
        Eventually.within(LIMIT, SAMPLES + " samples", () -> samples(begun).size() >= SAMPLES);
        long now = System.currentTimeMillis();
        Eventually.within(
                LIMIT, "the samples until now", () -> samples(begun).stream().anyMatch(sample -> sample.end() >= now));
        List<Sample> samples =
                samples(begun).stream().filter(sample -> sample.end() <= now).toList();
        for (int i = 1; i < samples.size(); i++) {
            assertThat(samples.get(i).start())
                    .as("%s", samples)
                    .isEqualTo(samples.get(i - 1).end());
        }
        assertThat(Figures.of(centre).value("selvage_telemetry_missing_total")).isZero();
    }

    private record Sample(long start, long end) {}

    /** Those since the agent began, in the order of their ends. */
    private static List<Sample> samples(long from) {
        List<Sample> samples = new ArrayList<>();
        for (JsonNode point : centre.telemetry("/namespaces/selvage-system/range?source=node&node=far&field=pods&from="
                        + from + "&to=" + (System.currentTimeMillis() + 60_000))
                .path("points")) {
            samples.add(new Sample(
                    Instant.parse(Json.textAt(point, "start")).toEpochMilli(),
                    Instant.parse(Json.textAt(point, "end")).toEpochMilli()));
        }
        return samples.stream()
                .sorted(Comparator.comparingLong(Sample::end).thenComparingLong(Sample::start))
                .toList();
    }

    /** How often the centre has linked the node. */
    private static long sessions() throws IOException {
        return centre.centreLogged(l -> l.contains("node far is linked"));
    }

    private static Command.Result inside(String command) {
        List<String> words = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + line.namespace(), "bash", "-c"));
        words.add("cd " + Selvage.root() + " && " + command);
        return new Command(words).run(LIMIT);
    }
}
