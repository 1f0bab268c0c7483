package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.JobDefaults;
import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a Job may say of its indexes and failures, in upstream's words (k8s.io/kubernetes/pkg/apis/batch/validation, issue 4: controllers). */
class JobRulesTest {
    private static final String INDEXED = "\"completionMode\":\"Indexed\",\"completions\":5,\"parallelism\":2,";

    @Test
    void limitsPerIndexAndASuccessPolicyAreTaken() {
        assertThat(check(INDEXED + """
                "backoffLimitPerIndex":0,"maxFailedIndexes":5,
                "podFailurePolicy":{"rules":[{"action":"FailIndex","onExitCodes":{"operator":"NotIn","values":[0,42]}}]},
                "successPolicy":{"rules":[{"succeededIndexes":"0,2-4","succeededCount":4},{"succeededCount":0}]}""")).isEmpty();
        ObjectNode spec = Json.child(job(INDEXED + "\"backoffLimitPerIndex\":1"), "spec");
        assertThat(spec.path("backoffLimit").asInt()).isEqualTo(Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "\"backoffLimitPerIndex\":1;backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
                "\"successPolicy\":{\"rules\":[]};successPolicy: Invalid value: {\"rules\":[]}: requires indexed completion mode"
            })
    void whatOnlyAnIndexedJobHasIsRefusedOfOthers(String spec, String message) {
        assertThat(check(spec)).containsExactly("spec." + message);
    }

    @Test
    void anotherControllerIsRefusedByName() {
        assertThat(check("\"managedBy\":\"example.com/x\""))
                .containsExactly("spec.managedBy: Forbidden: this field is not honoured here; leave it out");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "\"backoffLimitPerIndex\":-1;backoffLimitPerIndex: Invalid value: -1: must be greater than or equal to 0",
                "\"maxFailedIndexes\":1;backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
                "\"backoffLimitPerIndex\":1,\"maxFailedIndexes\":6;maxFailedIndexes: Invalid value: 6: must be less than or equal to completions"
            })
    void limitsPerIndexHaveBounds(String spec, String message) {
        assertThat(check(INDEXED + spec)).containsExactly("spec." + message);
    }

    @Test
    void manyIndexesAreAllowedFewerAtATimeAndFewerFailures() {
        String many = "\"completionMode\":\"Indexed\",\"completions\":100001,\"backoffLimitPerIndex\":1,";
        assertThat(check(many + "\"parallelism\":10000"))
                .containsExactly(
                        "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000");
        assertThat(check(many + "\"parallelism\":10001,\"maxFailedIndexes\":10001"))
                .containsExactly(
                        "spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index",
                        "spec.maxFailedIndexes: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{};[0]: Required value: at least one of succeededCount or succeededIndexes must be specified",
                "{\"succeededCount\":-1};[0].succeededCount: Invalid value: -1: must be greater than or equal to 0",
                "{\"succeededCount\":6};[0].succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)",
                "{\"succeededCount\":3,\"succeededIndexes\":\"1,3\"};[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)",
                "{\"succeededIndexes\":\"5\"};[0].succeededIndexes: Invalid value: \"5\": error parsing succeededIndexes: too large index: \"5\"",
                "{\"succeededIndexes\":\"0-9\"};[0].succeededIndexes: Invalid value: \"0-9\": error parsing succeededIndexes: too large index: \"9\"",
                "{\"succeededIndexes\":\"2,1\"};[0].succeededIndexes: Invalid value: \"2,1\": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1",
                "{\"succeededIndexes\":\"2-2\"};[0].succeededIndexes: Invalid value: \"2-2\": error parsing succeededIndexes: non-increasing order, previous: 2, current: 2",
                "{\"succeededIndexes\":\"1,\"};[0].succeededIndexes: Invalid value: \"1,\": error parsing succeededIndexes: cannot convert string to integer for index: \"\"",
                "{\"succeededIndexes\":\"1-2-3\"};[0].succeededIndexes: Invalid value: \"1-2-3\": error parsing succeededIndexes: the fragment \"1-2-3\" violates the requirement that an index interval can have at most two parts separated by '-'"
            })
    void aRuleOfASuccessPolicyIsChecked(String rule, String message) {
        assertThat(check(INDEXED + "\"successPolicy\":{\"rules\":[" + rule + "]}"))
                .containsExactly("spec.successPolicy.rules" + message);
    }

    @Test
    void aSuccessPolicyHasOneToTwentyRules() {
        assertThat(check(INDEXED + "\"successPolicy\":{\"rules\":[]}"))
                .containsExactly(
                        "spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified");
        String rules = "{\"succeededCount\":1},".repeat(21);
        assertThat(check(INDEXED + "\"successPolicy\":{\"rules\":[" + rules.substring(0, rules.length() - 1) + "]}"))
                .containsExactly("spec.successPolicy.rules: Too many: 21: must have at most 20 items");
        String text = "0,1".repeat(22_000);
        assertThat(check(INDEXED + "\"successPolicy\":{\"rules\":[{\"succeededIndexes\":\"" + text + "\"}]}"))
                .anySatisfy(
                        problem -> assertThat(problem)
                                .startsWith(
                                        "spec.successPolicy.rules[0].succeededIndexes: Too long: may not be more than 65536 bytes"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"action\":\"FailIndex\",\"onExitCodes\":{\"operator\":\"In\",\"values\":[1]}};.action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be set",
                "{\"action\":\"Count\"};: Invalid value: specifying one of OnExitCodes and OnPodConditions is required",
                "{\"action\":\"Count\",\"onExitCodes\":{\"operator\":\"In\",\"values\":[0]}};.onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator",
                "{\"action\":\"Count\",\"onExitCodes\":{\"operator\":\"In\",\"values\":[2,1]}};.onExitCodes.values: Invalid value: [2,1]: must be ordered",
                "{\"action\":\"Count\",\"onExitCodes\":{\"operator\":\"In\",\"values\":[2,2]}};.onExitCodes.values[1]: Duplicate value: 2",
                "{\"action\":\"Count\",\"onExitCodes\":{\"operator\":\"In\",\"values\":[]}};.onExitCodes.values: Invalid value: []: at least one value is required",
                "{\"action\":\"Count\",\"onExitCodes\":{\"containerName\":\"x\",\"operator\":\"In\",\"values\":[1]}};.onExitCodes.containerName: Invalid value: \"x\": must be one of the container or initContainer names in the pod template"
            })
    void aRuleOfAFailurePolicyIsChecked(String rule, String message) {
        assertThat(check("\"podFailurePolicy\":{\"rules\":[" + rule + "]}"))
                .containsExactly("spec.podFailurePolicy.rules[0]" + message);
    }

    /** The host name of a pod of an Indexed Job is the Job's name with its index. */
    @Test
    void aNameThatIsTooLongForItsIndexesIsRefused() {
        ObjectNode job = job("n".repeat(62), INDEXED.substring(0, INDEXED.length() - 1));
        assertThat(problems(job, null))
                .containsExactly("metadata.name: Invalid value: \"" + "n".repeat(62)
                        + "\": will not able to create pod with invalid DNS label: " + "n".repeat(62) + "-4");
    }

    @Test
    void limitsAndPoliciesDoNotChangeAndCompletionsOnlyWithParallelism() {
        String per = INDEXED
                + "\"backoffLimitPerIndex\":1,\"maxFailedIndexes\":1,\"successPolicy\":{\"rules\":[{\"succeededCount\":1}]}";
        ObjectNode old = job(per);
        ObjectNode changed = old.deepCopy();
        ObjectNode spec = Json.child(changed, "spec");
        spec.put("maxFailedIndexes", 3).put("parallelism", 4);
        assertThat(problems(changed, old)).isEmpty();
        spec.put("backoffLimitPerIndex", 2).remove("successPolicy");
        spec.put("completions", 6);
        assertThat(problems(changed, old))
                .containsExactly(
                        "spec.backoffLimitPerIndex: Invalid value: 2: field is immutable",
                        "spec.successPolicy: Invalid value: null: field is immutable",
                        "spec.completions: Invalid value: 6: can only be modified in tandem with spec.parallelism");
    }

    /** Also of the Jobs that a CronJob makes. */
    @Test
    void aCronJobsTemplateIsCheckedAlike() {
        ObjectNode cronJob = Json.parseObject("""
                {"metadata":{"name":"nightly"},"spec":{"schedule":"@daily","jobTemplate":{"spec":{"backoffLimitPerIndex":1}}}}""");
        Json.child(Json.child(Json.child(cronJob, "spec"), "jobTemplate"), "spec")
                .set("template", Json.at(job(""), "spec", "template"));
        List<Problem> problems = new ArrayList<>();
        new CronJobRules(new Definitions(), problems).check(cronJob, null);
        assertThat(problems)
                .extracting(Problem::toString)
                .containsExactly(
                        "spec.jobTemplate.spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode");
    }

    private static ObjectNode job(String spec) {
        return job("sum", spec);
    }

    private static ObjectNode job(String name, String spec) {
        ObjectNode job = Json.parseObject("""
                {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"%s"},"spec":{%s%s
                 "template":{"spec":{"runtimeClassName":"process","hostNetwork":true,"restartPolicy":"Never",
                   "containers":[{"name":"c","image":"host","command":["true"]}]}}}}""".formatted(name, spec, spec.isEmpty() ? "" : ","));
        JobDefaults.apply(job);
        return job;
    }

    private static List<String> check(String spec) {
        return problems(job(spec), null);
    }

    private static List<String> problems(ObjectNode job, @Nullable ObjectNode old) {
        List<Problem> problems = new ArrayList<>();
        new JobRules(new Definitions(), problems).check(job, old);
        return problems.stream().map(Problem::toString).toList();
    }
}
