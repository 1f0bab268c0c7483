package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4, "Controllers": DaemonSets, Jobs and CronJobs as their users see them, with a real node and process pods. */
class BatchTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);
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
                 "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"spec": %s}}}}}
                """.formatted(POD.formatted("Never", "echo tick")));
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
        assertThat(kubectl("rollout", "status", "daemonset/agent", "--timeout=60s"))
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

        kubectl("wait", "--for=condition=complete", "job/parts", "--timeout=60s");
        assertThat(kubectl("logs", "-l", "job-name=parts").lines())
                .containsExactlyInAnyOrder("part 0", "part 1", "part 2");
        kubectl("wait", "--for=condition=complete", "job/second", "--timeout=60s");
        assertThat(kubectl("get", "job", "second", "-o", "jsonpath={.status.succeeded}"))
                .isEqualTo("1");
        kubectl("wait", "--for=condition=failed", "job/never", "--timeout=60s");
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

    private static void apply(String manifest) {
        selvage.kubectlWithInput(manifest, "apply", "-f", "-").succeeded();
    }

    private static String kubectl(String... arguments) {
        return selvage.kubectl(arguments).succeeded().output();
    }
}
