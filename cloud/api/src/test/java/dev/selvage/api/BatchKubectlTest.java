package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** DaemonSets, Jobs and CronJobs by kubectl: Debian's, and newer ones where they are installed (issue 4: controllers). */
class BatchKubectlTest {
    private static final AtomicInteger NAMESPACES = new AtomicInteger();
    private static final String POD = """
            {runtimeClassName: process, hostNetwork: true, restartPolicy: %s,
             containers: [{name: main, image: host, command: [sleep, "1000"]}]}""";
    private static final String JOB = """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: sum}
            spec: {backoffLimit: 4, template: {spec: %s}}
            """.formatted(POD.formatted("Never"));
    private static final String INDEXED = """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: parts}
            spec:
              completionMode: Indexed
              completions: 4
              parallelism: 4
              backoffLimitPerIndex: 2
              maxFailedIndexes: 1
              successPolicy: {rules: [{succeededIndexes: "0,2-3", succeededCount: 2}]}
              template: {spec: %s}
            """.formatted(POD.formatted("Never"));
    private static final String CRON_JOB = """
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: nightly}
            spec:
              schedule: "30 2 * * *"
              timeZone: Asia/Shanghai
              jobTemplate: {spec: {template: {spec: %s}}}
            """.formatted(POD.formatted("OnFailure"));
    private static final String DAEMON_SET = """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: agent}
            spec:
              selector: {matchLabels: {app: agent}}
              template: {metadata: {labels: {app: agent}}, spec: %s}
            """.formatted(POD.formatted("Always"));
    private static TestApi api;

    @TempDir
    Path home;

    private String namespace = "";

    @BeforeAll
    static void start() {
        api = new TestApi(TestApi.config());
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    static List<String> programs() {
        return Kubectl.programs();
    }

    private Kubectl kubectl(String program) {
        namespace = api.namespace("batch-" + NAMESPACES.incrementAndGet());
        return new Kubectl(program, home, api.kubeconfig(home, api.admin));
    }

    private String apply(Kubectl kubectl, String manifest) {
        return kubectl.apply(manifest, "apply", "-n", namespace, "-f", "-");
    }

    private String error(Kubectl kubectl, String manifest) {
        return kubectl.run(manifest, "apply", "-n", namespace, "-f", "-").err();
    }

    private String get(Kubectl kubectl, String what, String path) {
        return kubectl.ok("get", "-n", namespace, what, "-o", "jsonpath=" + path);
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aJobGetsUpstreamsDefaultsSelectorAndColumns(String program) {
        Kubectl kubectl = kubectl(program);
        assertThat(apply(kubectl, JOB)).contains("job.batch/sum created");
        assertThat(apply(kubectl, JOB)).contains("job.batch/sum unchanged");
        assertThat(get(
                        kubectl,
                        "job/sum",
                        "{.spec.completions} {.spec.parallelism} {.spec.backoffLimit} {.spec.completionMode}"
                                + " {.spec.suspend} {.spec.podReplacementPolicy}"))
                .isEqualTo("1 1 4 NonIndexed false TerminatingOrFailed");
        String uid = get(kubectl, "job/sum", "{.metadata.uid}");
        assertThat(get(kubectl, "job/sum", "{.spec.selector.matchLabels}"))
                .contains("batch.kubernetes.io/controller-uid")
                .contains(uid);
        assertThat(get(kubectl, "job/sum", "{.spec.template.metadata.labels}"))
                .contains("\"job-name\":\"sum\"", "batch.kubernetes.io/job-name", "\"controller-uid\":\"" + uid);
        assertThat(kubectl.ok("get", "-n", namespace, "job", "sum"))
                .matches("(?s)NAME +STATUS +COMPLETIONS +DURATION +AGE\nsum +Running +0/1 .*");
        assertThat(kubectl.ok("get", "-n", namespace, "job", "sum", "-o", "wide"))
                .contains("CONTAINERS", "IMAGES", "SELECTOR", "batch.kubernetes.io/controller-uid=" + uid);
        assertThat(kubectl.ok("describe", "-n", namespace, "job", "sum")).contains("Parallelism:", "Completions:", uid);
        assertThat(kubectl.ok("explain", "job.spec")).contains("backoffLimit", "completionMode");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void waitSeesAJobComplete(String program) {
        Kubectl kubectl = kubectl(program);
        apply(kubectl, JOB);
        ObjectNode job = api.resources
                .get(ObjectKey.of(Kinds.JOB, namespace, "sum"))
                .orElseThrow()
                .parse();
        Conditions.set(job, "Complete", "True", "CompletionsReached", "", Instant.now());
        Json.child(job, "status").put("succeeded", 1);
        assertThat(api.resources.replaceStatus(job).succeeded()).isTrue();

        assertThat(kubectl.ok("wait", "-n", namespace, "--for=condition=complete", "job/sum", "--timeout=10s"))
                .contains("condition met");
        assertThat(kubectl.ok("get", "-n", namespace, "jobs")).containsPattern("sum +Complete +1/1");
        assertThat(kubectl.ok("delete", "-n", namespace, "job", "sum")).contains("deleted");
    }

    /** k8s.io/kubernetes/pkg/apis/batch/validation. */
    @ParameterizedTest
    @MethodSource("programs")
    void whatMayNotChangeOfAJobIsRefusedByPath(String program) {
        Kubectl kubectl = kubectl(program);
        apply(kubectl, JOB);
        assertThat(error(kubectl, JOB.replace("sleep", "date"))).contains("spec.template", "field is immutable");
        assertThat(error(kubectl, JOB.replace("backoffLimit: 4", "completions: 9")))
                .contains("spec.completions: Invalid value: 9: field is immutable");
        assertThat(apply(kubectl, JOB.replace("backoffLimit: 4", "parallelism: 3, suspend: true")))
                .contains("configured");
        String always = JOB.replace("Never", "Always").replace("sum", "always");
        assertThat(error(kubectl, always))
                .contains("spec.template.spec.restartPolicy", "supported values: \"OnFailure\", \"Never\"");
        String own = JOB.replace("sum", "own").replace("backoffLimit: 4", "selector: {matchLabels: {a: b}}");
        assertThat(error(kubectl, own)).contains("`selector` not auto-generated");
        String index = JOB.replace("sum", "per").replace("backoffLimit: 4", "backoffLimitPerIndex: 1");
        assertThat(error(kubectl, index))
                .contains("spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode");
        String managed = JOB.replace("sum", "other").replace("backoffLimit: 4", "managedBy: example.com/x");
        assertThat(error(kubectl, managed)).contains("spec.managedBy: Forbidden");
        apply(kubectl, INDEXED);
        assertThat(error(kubectl, INDEXED.replace("backoffLimitPerIndex: 2", "backoffLimitPerIndex: 3")))
                .contains("spec.backoffLimitPerIndex: Invalid value: 3: field is immutable");
        // by a patch: an older kubectl cannot compare a policy that it does not know
        String policy = "{\"spec\":{\"successPolicy\":{\"rules\":[{\"succeededCount\":1}]}}}";
        assertThat(kubectl.run("", "patch", "-n", namespace, "job", "parts", "--type=merge", "-p", policy)
                        .err())
                .contains("spec.successPolicy: Invalid value:", "field is immutable");
        assertThat(apply(kubectl, INDEXED.replace("maxFailedIndexes: 1", "maxFailedIndexes: 2")))
                .contains("configured");
    }

    /** kubernetes.io/docs/concepts/workloads/controllers/job, "Success policy" and "Backoff limit per index". */
    @ParameterizedTest
    @MethodSource("programs")
    void anIndexedJobsLimitsAndPolicyAreKeptAndItsEndIsSeen(String program) {
        Kubectl kubectl = kubectl(program);
        assertThat(apply(kubectl, INDEXED)).contains("job.batch/parts created");
        assertThat(apply(kubectl, INDEXED)).contains("job.batch/parts unchanged");
        assertThat(get(
                        kubectl,
                        "job/parts",
                        "{.spec.backoffLimit} {.spec.backoffLimitPerIndex} {.spec.maxFailedIndexes}"
                                + " {.spec.successPolicy.rules[0].succeededIndexes}"
                                + " {.spec.successPolicy.rules[0].succeededCount}"))
                .isEqualTo("2147483647 2 1 0,2-3 2");
        ObjectNode job = api.resources
                .get(ObjectKey.of(Kinds.JOB, namespace, "parts"))
                .orElseThrow()
                .parse();
        Conditions.set(job, "SuccessCriteriaMet", "True", "SuccessPolicy", "Matched rules at index 0", Instant.now());
        Json.child(job, "status")
                .put("succeeded", 2)
                .put("completedIndexes", "0,2")
                .put("failedIndexes", "1");
        assertThat(api.resources.replaceStatus(job).succeeded()).isTrue();

        String until = "--for=condition=SuccessCriteriaMet";
        assertThat(kubectl.ok("wait", "-n", namespace, until, "job/parts", "--timeout=10s"))
                .contains("condition met");
        assertThat(kubectl.ok("get", "-n", namespace, "jobs")).containsPattern("parts +SuccessCriteriaMet +2/4");
        assertThat(get(kubectl, "job/parts", "{.status.failedIndexes}")).isEqualTo("1");
        String described = kubectl.ok("describe", "-n", namespace, "job", "parts");
        if (kubectl.minor() >= 22) { // the first that shows them
            assertThat(described)
                    .containsPattern("Completion Mode: +Indexed")
                    .containsPattern("Completed Indexes: +0,2");
        } else {
            assertThat(described).containsPattern("Pods Statuses: +0 Running / 2 Succeeded / 0 Failed");
        }
        assertThat(kubectl.ok("explain", "job.spec.successPolicy.rules"))
                .contains("succeededCount", "succeededIndexes");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aCronJobIsAppliedShownAndRunByHand(String program) {
        Kubectl kubectl = kubectl(program);
        assertThat(apply(kubectl, CRON_JOB)).contains("cronjob.batch/nightly created");
        String revision = get(kubectl, "cronjob/nightly", "{.metadata.resourceVersion}");
        boolean known = kubectl.minor() >= 21; // an older one has no CronJob of batch/v1 and sends the whole template
        assertThat(apply(kubectl, CRON_JOB)).contains(known ? "unchanged" : "configured");
        assertThat(get(kubectl, "cronjob/nightly", "{.metadata.resourceVersion}"))
                .isEqualTo(revision);
        assertThat(get(
                        kubectl,
                        "cronjob/nightly",
                        "{.spec.concurrencyPolicy} {.spec.suspend} {.spec.successfulJobsHistoryLimit}"
                                + " {.spec.failedJobsHistoryLimit}"))
                .isEqualTo("Allow false 3 1");
        assertThat(kubectl.ok("get", "-n", namespace, "cj"))
                .matches(
                        "(?s)NAME +SCHEDULE +TIMEZONE +SUSPEND +ACTIVE +LAST SCHEDULE +AGE\nnightly +30 2 \\* \\* \\* +Asia/Shanghai +False +0 +<none> .*");
        Kubectl.Result byHand = kubectl.run("", "create", "-n", namespace, "job", "now", "--from=cronjob/nightly");
        if (known) {
            assertThat(byHand.out()).contains("job.batch/now created");
            assertThat(get(kubectl, "job/now", "{.metadata.ownerReferences[0].name} {.metadata.annotations}"))
                    .contains("nightly", "cronjob.kubernetes.io/instantiate", "manual");
        } else { // what kubectl 1.20 says before it asks the server
            assertThat(byHand.err()).contains("no kind \"CronJob\" is registered for version \"batch/v1\"");
        }
        kubectl.ok("patch", "-n", namespace, "cronjob", "nightly", "-p", "{\"spec\":{\"suspend\":true}}");
        assertThat(kubectl.ok("get", "-n", namespace, "cj")).contains("True");
        assertThat(kubectl.ok("explain", "cronjob.spec.jobTemplate")).contains("spec");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aWrongScheduleOrZoneIsRefusedInUpstreamsWords(String program) {
        Kubectl kubectl = kubectl(program);
        assertThat(error(kubectl, CRON_JOB.replace("30 2 * * *", "99 * * * *")))
                .contains("spec.schedule: Invalid value: \"99 * * * *\": end of range (99) above maximum (59): 99");
        assertThat(error(kubectl, CRON_JOB.replace("Asia/Shanghai", "Asia/Nowhere")))
                .contains("spec.timeZone: Invalid value: \"Asia/Nowhere\": unknown time zone Asia/Nowhere");
        assertThat(error(kubectl, CRON_JOB.replace("30 2 * * *", "TZ=UTC 0 0 * * *")))
                .contains("cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        assertThat(error(kubectl, CRON_JOB.replace("name: nightly", "name: " + "x".repeat(53))))
                .contains("must be no more than 52 characters");
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aDaemonSetIsAppliedShownRestartedAndRolledBack(String program) {
        Kubectl kubectl = kubectl(program);
        assertThat(apply(kubectl, DAEMON_SET)).contains("daemonset.apps/agent created");
        assertThat(apply(kubectl, DAEMON_SET)).contains("daemonset.apps/agent unchanged");
        assertThat(get(
                        kubectl,
                        "ds/agent",
                        "{.spec.updateStrategy.type} {.spec.updateStrategy.rollingUpdate.maxUnavailable}"
                                + " {.spec.updateStrategy.rollingUpdate.maxSurge} {.spec.revisionHistoryLimit}"))
                .isEqualTo("RollingUpdate 1 0 10");
        assertThat(kubectl.ok("get", "-n", namespace, "ds"))
                .matches(
                        "(?s)NAME +DESIRED +CURRENT +READY +UP-TO-DATE +AVAILABLE +NODE SELECTOR +AGE\nagent +0 +0 +0 +0 +0 +<none> .*");
        revision(kubectl, 1);
        kubectl.ok("rollout", "restart", "-n", namespace, "ds/agent");
        revision(kubectl, 2);
        assertThat(kubectl.ok("rollout", "history", "-n", namespace, "ds/agent"))
                .containsPattern("(?s)1 .*2 ");
        assertThat(get(kubectl, "ds/agent", "{.spec.template.metadata.annotations}"))
                .contains("restartedAt");

        assertThat(kubectl.ok("rollout", "undo", "-n", namespace, "ds/agent", "--to-revision=1"))
                .contains("rolled back");

        assertThat(get(kubectl, "ds/agent", "{.spec.template.metadata.annotations}"))
                .isEmpty();
        assertThat(get(kubectl, "ds/agent", "{.spec.template.spec.containers[0].command}"))
                .contains("sleep");
        assertThat(kubectl.ok("get", "-n", namespace, "controllerrevisions"))
                .contains("CONTROLLER", "REVISION", "daemonset.apps/agent");
        assertThat(error(kubectl, DAEMON_SET.replace("{matchLabels: {app: agent}}", "{matchLabels: {app: other}}")))
                .contains("field is immutable");
        assertThat(
                        error(
                                kubectl,
                                DAEMON_SET.replace(
                                        "spec:\n  selector",
                                        "spec:\n  updateStrategy: {rollingUpdate: {maxUnavailable: 1, maxSurge: 1}}\n  selector")))
                .contains("may not be set when maxUnavailable is non-zero");
    }

    /** What the controller makes of the present template. */
    private void revision(Kubectl kubectl, int number) {
        ObjectNode set = api.resources
                .get(ObjectKey.of(Kinds.DAEMON_SET, namespace, "agent"))
                .orElseThrow()
                .parse();
        ObjectNode revision = Json.object().put("apiVersion", "apps/v1").put("kind", "ControllerRevision");
        ObjectNode meta = Meta.of(revision);
        meta.put("namespace", namespace).put("name", "agent-" + number);
        meta.putObject("labels").put("app", "agent");
        meta.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", "apps/v1")
                .put("kind", "DaemonSet")
                .put("name", "agent")
                .put("uid", Meta.uid(set))
                .put("controller", true);
        ObjectNode template = Json.at(set, "spec", "template").deepCopy();
        template.put("$patch", "replace");
        revision.putObject("data").putObject("spec").set("template", template);
        revision.put("revision", number);
        assertThat(kubectl.run(Json.text(revision), "create", "-f", "-").exit()).isZero();
    }
}
