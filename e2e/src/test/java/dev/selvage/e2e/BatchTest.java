package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4, "Controllers": DaemonSets, Jobs and CronJobs as their users see them, with a real node and process pods. */
class BatchTest {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final String POD = """
            {"runtimeClassName": "process", "hostNetwork": true, "restartPolicy": "%s", "terminationGracePeriodSeconds": 2,
             "containers": [{"name": "app", "image": "host", "command": ["sh", "-c", "%s"]}]}""";

    @TempDir
    static Path directory;

    private static Selvage selvage;

    @BeforeAll
    static void up() {
        selvage = new Selvage(directory.resolve("home")).up("--no-examples");
        // its minute passes while the others run
        apply("""
                {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "tick"},
                 "spec": {"schedule": "* * * * *", "successfulJobsHistoryLimit": 100, "jobTemplate": {"spec": {"template": {"spec": %s}}}}}
                """.formatted(POD.formatted("Never", "echo tick")));
        apply("""
                {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "kept"},
                 "spec": {"schedule": "* * * * *", "successfulJobsHistoryLimit": 100, "jobTemplate": {"spec": {"template": {"spec": %s}}}}}
                """.formatted(POD.formatted("Never", "date +%s; sleep 20")
                .replace("{\"runtimeClassName\"", "{\"nodeName\": \"edge-1\", \"runtimeClassName\"")));
    }

    @AfterAll
    static void down() {
        selvage.close();
    }

    @Test
    void aDaemonSetRollsOutAndBackAsKubectlTellsIt() {
        String loop = "echo $VERSION; trap 'exit 0' TERM; while true; do sleep 0.2; done";
        apply("""
                {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent"},
                 "spec": {"selector": {"matchLabels": {"app": "agent"}},
                  "template": {"metadata": {"labels": {"app": "agent"}}, "spec": %s}}}
                """.formatted(POD.formatted("Always", loop)));
        kubectl("set", "env", "daemonset/agent", "VERSION=one");
        rolledOut("one");

        kubectl("set", "env", "daemonset/agent", "VERSION=two");
        rolledOut("two");
        assertThat(kubectl("rollout", "history", "daemonset/agent")).contains("REVISION", "2");

        kubectl("rollout", "undo", "daemonset/agent");
        rolledOut("one");

        kubectl("delete", "daemonset", "agent");
        Eventually.within(
                LIMIT,
                "the pods are gone",
                () -> kubectl("get", "pods", "-l", "app=agent", "-o", "name").isEmpty());
    }

    private static void rolledOut(String version) {
        assertThat(kubectl("rollout", "status", "daemonset/agent", "--timeout=5m"))
                .contains("successfully rolled out");
        Eventually.within(
                LIMIT,
                "version " + version,
                () -> selvage.kubectl("logs", "-l", "app=agent", "--tail=1") // may name a pod that is gone by then
                        .output()
                        .lines()
                        .toList()
                        .equals(List.of(version)));
    }

    @Test
    void jobsCompleteFailAndStartAgainAsTheySay() {
        apply("""
                {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "never"},
                 "spec": {"backoffLimit": 1, "template": {"spec": %s}}}
                """.formatted(POD.formatted("Never", "exit 3")));
        apply("""
                {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "parts"},
                 "spec": {"completionMode": "Indexed", "completions": 3, "parallelism": 2, "template": {"spec": %s}}}
                """.formatted(POD.formatted("Never", "echo part $JOB_COMPLETION_INDEX")));
        apply("""
                {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "second"},
                 "spec": {"template": {"spec": {"runtimeClassName": "process", "hostNetwork": true, "restartPolicy": "OnFailure",
                   "volumes": [{"name": "data", "emptyDir": {}}],
                   "containers": [{"name": "app", "image": "host", "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                     "command": ["sh", "-c", "test -e /data/first && exit 0; touch /data/first; exit 1"]}]}}}}
                """);

        kubectl("wait", "--for=condition=complete", "job/parts", "--timeout=5m");
        assertThat(kubectl("logs", "-l", "job-name=parts").lines())
                .containsExactlyInAnyOrder("part 0", "part 1", "part 2");
        kubectl("wait", "--for=condition=complete", "job/second", "--timeout=5m");
        assertThat(kubectl("get", "job", "second", "-o", "jsonpath={.status.succeeded}"))
                .isEqualTo("1");
        kubectl("wait", "--for=condition=failed", "job/never", "--timeout=5m");
        assertThat(kubectl("get", "job", "never", "-o", "jsonpath={.status.failed} {.status.conditions[*].reason}"))
                .isEqualTo("2 BackoffLimitExceeded BackoffLimitExceeded");
    }

    @Test
    void aCronJobRunsAtItsMinute() {
        Eventually.within(
                LIMIT,
                "a run of the schedule",
                () -> !kubectl("get", "cronjob", "tick", "-o", "jsonpath={.status.lastSuccessfulTime}")
                        .isEmpty());
        String run = kubectl("get", "jobs", "-o", "name")
                .lines()
                .filter(name -> name.matches("job.batch/tick-\\d+"))
                .findFirst()
                .orElseThrow();
        assertThat(kubectl("logs", run)).isEqualTo("tick\n");
    }

    /** "bound to a node they run offline too": decision 0025. */
    @Test
    void aCronJobOfANodeRunsWhileTheCentreIsAwayAndItsHistoryIsTrueAfterwards() {
        Eventually.within(
                LIMIT,
                "the node to keep the schedule",
                () -> kubectl("get", "cronjob", "kept", "-o", "jsonpath={.status.nodeName}")
                        .equals("edge-1"));
        selvage.selvage("stop", "centre").succeeded();
        long stopped = Instant.now().getEpochSecond();
        String pod = await("kept-\\d+-.*", stopped, "Running");
        selvage.kill9("agent");
        selvage.selvage("start", "agent").succeeded();
        await(Pattern.quote(pod), stopped, "Succeeded");
        String job = pod.substring(0, pod.lastIndexOf('-'));
        long returned = Instant.now().getEpochSecond();
        selvage.selvage("start", "centre").succeeded();

        Eventually.within(
                LIMIT,
                "the Job " + job,
                () -> kubectl("get", "jobs", "-o", "name").contains("job.batch/" + job));
        kubectl("wait", "--for=condition=complete", "job/" + job, "--timeout=5m");
        JsonNode made = selvage.get("job", job);
        assertThat(Meta.annotations(made))
                .containsEntry("selvage.dev/run-by", "edge-1")
                .containsEntry("selvage.dev/offline", "true");
        assertThat(Instant.parse(Json.textAt(made, "status", "completionTime")).getEpochSecond())
                .isBetween(stopped, returned);
        assertThat(Long.parseLong(kubectl("logs", "job/" + job).strip()))
                .as("one line, the time of its only run")
                .isBetween(stopped, returned);
        assertThat(kubectl("get", "pods", "-l", "job-name=" + job, "-o", "name"))
                .isEqualToIgnoringNewLines("pod/" + pod);
        Eventually.within(
                LIMIT,
                "the CronJob to count the run",
                () -> Instant.parse(kubectl("get", "cronjob", "kept", "-o", "jsonpath={.status.lastScheduleTime}"))
                                .getEpochSecond()
                        >= minute(job) * 60);
        long minute = minute(job);
        assertThat(selvage.get("jobs").path("items"))
                .as("one Job for its minute, and none that the centre made up for")
                .filteredOn(one -> Meta.name(one).matches("kept-\\d+"))
                .filteredOn(one -> minute(Meta.name(one)) >= minute)
                .allSatisfy(one -> assertThat(Meta.annotations(one)).containsEntry("selvage.dev/run-by", "edge-1"))
                .extracting(Meta::name)
                .doesNotHaveDuplicates()
                .contains(job);
    }

    private static long minute(String job) {
        return Long.parseLong(job.substring(job.lastIndexOf('-') + 1));
    }

    /** The name of a pod of the node of a minute that begins after {@code since}. */
    private static String await(String pattern, long since, String phase) {
        List<String> found = new ArrayList<>();
        Eventually.within(LIMIT, "a run without the centre to be " + phase, () -> {
            for (JsonNode pod : selvage.node("/status").path("pods")) {
                String name = Json.textAt(pod, "name");
                if (name.matches(pattern)
                        && minute(name.substring(0, name.lastIndexOf('-'))) * 60 > since
                        && Json.textAt(pod, "phase").equals(phase)) {
                    found.add(name);
                }
            }
            return !found.isEmpty();
        });
        return found.getFirst();
    }

    private static void apply(String manifest) {
        selvage.kubectlWithInput(manifest, "apply", "-f", "-").succeeded();
    }

    private static String kubectl(String... arguments) {
        return selvage.kubectl(arguments).succeeded().output();
    }
}
