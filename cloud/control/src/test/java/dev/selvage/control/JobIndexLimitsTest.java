package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static dev.selvage.control.JobCentre.annotation;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Timestamps;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Limits per index of an Indexed Job (issue 4: controllers; kubernetes.io/docs/concepts/workloads/controllers/job, "Backoff limit per index"; upstream
 * batch/v1 of 1.31).
 */
class JobIndexLimitsTest {
    private final JobCentre jobs = new JobCentre();

    @AfterEach
    void end() {
        jobs.close();
    }

    /** Upstream: "the Job continues execution of other indexes, until all indexes are finished", and fails then. */
    @Test
    void anIndexFailsForItselfAndTheOthersGoOn() {
        jobs.job("each", "host:/runs", 3, "\"backoffLimitPerIndex\":1");
        eventually(() -> assertThat(jobs.indexes()).containsExactly("0", "1", "2"));
        assertThat(Json.at(jobs.job("each"), "spec", "backoffLimit").asInt()).isEqualTo(Integer.MAX_VALUE);
        eventually(() -> assertThat(Json.at(jobs.job("each"), "status").has("failedIndexes"))
                .isTrue());
        assertThat(jobs.active())
                .allSatisfy(pod ->
                        assertThat(annotation(pod, "job-index-failure-count")).isEqualTo("0"))
                .allSatisfy(pod -> assertThat(annotation(pod, "job-index-ignored-failure-count"))
                        .isEmpty());

        String first = Meta.uid(jobs.end("1", "Failed", 1));
        eventually(
                () -> assertThat(jobs.active()).noneMatch(pod -> Meta.uid(pod).equals(first)));
        ObjectNode again = jobs.running("1");
        assertThat(annotation(again, "job-index-failure-count")).isEqualTo("1");
        assertThat(jobs.text("each", "failedIndexes")).isEmpty();
        jobs.fleet.end(again, "Failed", 1);

        eventually(() -> assertThat(jobs.text("each", "failedIndexes")).isEqualTo("1"));
        eventually(() -> assertThat(jobs.count("each", "failed")).isEqualTo(2));
        assertThat(jobs.indexes()).containsExactly("0", "2");
        assertThat(jobs.centre.condition(Kinds.JOB, "each", "FailureTarget")).isNotEqualTo("True");
        jobs.end("0", "Succeeded", 0);
        jobs.end("2", "Succeeded", 0);

        jobs.ended("each", "Failed");
        assertThat(jobs.reason("each", "FailureTarget")).isEqualTo("FailedIndexes");
        assertThat(jobs.reason("each", "Failed")).isEqualTo("FailedIndexes");
        assertThat(jobs.centre.conditionMessage(Kinds.JOB, "each", "Failed")).isEqualTo("Job has failed indexes");
        assertThat(jobs.text("each", "completedIndexes")).isEqualTo("0,2");
        assertThat(jobs.text("each", "failedIndexes")).isEqualTo("1");
        eventually(() -> assertThat(jobs.centre.events("FailedIndexes")).hasSize(1));
        eventually(() -> assertThat(jobs.fleet.pods())
                .hasSize(4)
                .allSatisfy(pod -> assertThat(Meta.finalizers(pod)).isEmpty()));
    }

    @Test
    void aJobWhoseIndexesAllSucceedInTheEndIsComplete() {
        jobs.job("twice", "host:/runs", 2, "\"backoffLimitPerIndex\":2,\"maxFailedIndexes\":0");
        String first = Meta.uid(jobs.end("0", "Failed", 1));
        eventually(
                () -> assertThat(jobs.active()).noneMatch(pod -> Meta.uid(pod).equals(first)));

        jobs.end("0", "Succeeded", 0);
        jobs.end("1", "Succeeded", 0);

        jobs.ended("twice", "Complete");
        assertThat(jobs.reason("twice", "Complete")).isEqualTo("CompletionsReached");
        assertThat(jobs.count("twice", "failed")).isEqualTo(1);
        assertThat(Json.at(jobs.job("twice"), "status", "failedIndexes").isTextual())
                .isTrue();
        assertThat(jobs.text("twice", "failedIndexes")).isEmpty();
    }

    /** Upstream: "the Job controller triggers termination of all remaining running Pods for that Job". */
    @Test
    void moreFailedIndexesThanAreAllowedEndTheJobAtOnceAndThoseThatWereStoppedAreNoFailedIndexes() {
        jobs.job("most", "host:/runs", 5, "\"backoffLimitPerIndex\":0,\"maxFailedIndexes\":1");
        jobs.end("3", "Failed", 1);
        eventually(() -> assertThat(jobs.text("most", "failedIndexes")).isEqualTo("3"));
        eventually(() -> assertThat(jobs.indexes()).containsExactly("0", "1", "2", "4"));

        jobs.end("4", "Failed", 1);

        jobs.ended("most", "Failed");
        assertThat(jobs.reason("most", "Failed")).isEqualTo("MaxFailedIndexesExceeded");
        assertThat(jobs.centre.conditionMessage(Kinds.JOB, "most", "FailureTarget"))
                .isEqualTo("Job has exceeded the specified maximal number of failed indexes");
        assertThat(jobs.text("most", "failedIndexes")).isEqualTo("3,4");
        assertThat(jobs.count("most", "failed"))
                .as("those that were stopped too")
                .isEqualTo(5);
        eventually(() -> assertThat(jobs.fleet.pods()).hasSize(2));
    }

    /** kubernetes.io/docs/concepts/workloads/controllers/job, "Pod failure policy": FailIndex "to avoid unnecessary retries within the index". */
    @Test
    void aFailurePolicyFailsAnIndexWithoutTryingItAgainOrIgnoresTheFailure() {
        jobs.job("policy", "host:/runs", 2, """
                "backoffLimitPerIndex":1,"podFailurePolicy":{"rules":[
                  {"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget","status":"True"}]},
                  {"action":"FailIndex","onExitCodes":{"operator":"In","values":[42]}}]}""");
        ObjectNode moved = jobs.running("0");
        jobs.disrupt(moved);
        jobs.fleet.end(moved, "Failed", 1);
        jobs.end("1", "Failed", 42);

        eventually(() -> assertThat(jobs.text("policy", "failedIndexes")).isEqualTo("1"));
        eventually(() -> assertThat(jobs.indexes()).containsExactly("0"));
        eventually(
                () -> assertThat(jobs.active()).noneMatch(pod -> Meta.uid(pod).equals(Meta.uid(moved))));
        ObjectNode again = jobs.running("0");
        assertThat(annotation(again, "job-index-failure-count")).isEqualTo("0");
        assertThat(annotation(again, "job-index-ignored-failure-count")).isEqualTo("1");
        jobs.fleet.end(again, "Succeeded", 0);

        jobs.ended("policy", "Failed");
        assertThat(jobs.reason("policy", "Failed")).isEqualTo("FailedIndexes");
        assertThat(jobs.count("policy", "failed"))
                .as("what is ignored does not count")
                .isEqualTo(1);
    }

    /** Upstream's backoff_utils.go: an index waits after its own failures alone, twice as long after each. */
    @Test
    void eachIndexHasItsOwnBackOff() {
        jobs.job("pause", "host:/runs", 2, "\"backoffLimitPerIndex\":5");
        for (int failures = 0; failures < 4; failures++) {
            String before = Meta.uid(jobs.end("0", "Failed", 1));
            eventually(() ->
                    assertThat(jobs.active()).noneMatch(pod -> Meta.uid(pod).equals(before)));
            assertThat(annotation(jobs.running("0"), "job-index-failure-count"))
                    .isEqualTo(Integer.toString(failures + 1));
        }
        ObjectNode other = jobs.running("1");
        assertThat(annotation(other, "job-index-failure-count")).isEqualTo("0");
        eventually(() -> assertThat(jobs.count("pause", "failed")).isEqualTo(4));
        jobs.centre.ahead(Duration.ofSeconds(-5)); // nobody waits for real: the last failure lies in the future
        ObjectNode failed = jobs.running("0");
        jobs.fleet.end(failed, "Failed", 1);
        Instant at = Instant.now();
        Centre.steadily(Duration.ofMillis(500), () -> {
            assertThat(jobs.indexes()).containsExactly("1");
            assertThat(jobs.count("pause", "failed"))
                    .as("counted once its replacement carries it")
                    .isEqualTo(4);
        });
        ObjectNode kept = jobs.centre.get(Kinds.POD, Meta.name(failed));
        assertThat(Meta.finalizers(kept)).contains("batch.kubernetes.io/job-tracking");
        jobs.centre.ahead(Duration.ZERO);

        jobs.fleet.end(other, "Succeeded", 0); // an event, so that it looks at its clock again
        assertThat(annotation(jobs.running("0"), "job-index-failure-count")).isEqualTo("5");
        assertThat(Timestamps.parse(Meta.creationTimestamp(kept)).orElseThrow()).isBefore(at);
        eventually(() -> assertThat(jobs.count("pause", "failed")).isEqualTo(5));
        eventually(() -> assertThat(Meta.finalizers(jobs.centre.get(Kinds.POD, Meta.name(failed))))
                .isEmpty());
    }

    /** Upstream counts a pod that was deleted as failed, for its index too; its annotation lives on. */
    @Test
    void aDeletedPodCountsForItsIndexAndKeepsTheCount() {
        jobs.job("gone", "host:/runs", 2, "\"backoffLimitPerIndex\":3");
        ObjectNode victim = jobs.running("1");

        jobs.centre.delete(ObjectKey.of(victim));

        eventually(() -> assertThat(jobs.active())
                .anyMatch(pod -> JobCentre.index(pod).equals("1")
                        && annotation(pod, "job-index-failure-count").equals("1")));
        eventually(() -> assertThat(jobs.count("gone", "failed")).isEqualTo(1));
        eventually(
                () -> assertThat(jobs.centre.find(Kinds.POD, Meta.name(victim))).isEmpty());
    }
}
