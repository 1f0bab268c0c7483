package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * successPolicy of an Indexed Job (issue 4: controllers; kubernetes.io/docs/concepts/workloads/controllers/job, "Success policy"; upstream batch/v1 of 1.31).
 */
class JobSuccessPolicyTest {
    private final JobCentre jobs = new JobCentre();

    @AfterEach
    void end() {
        jobs.close();
    }

    /** Upstream: "the Job controller terminates the lingering Pods"; these are no failures. */
    @Test
    void aJobIsCompleteWhenTheIndexesThatMatterHaveSucceededAndTheOthersAreStopped() {
        jobs.job("leader", "host:/runs", 4, "\"successPolicy\":{\"rules\":[{\"succeededIndexes\":\"0\"}]}");
        eventually(() -> assertThat(jobs.indexes()).hasSize(4));
        jobs.end("2", "Succeeded", 0);
        eventually(() -> assertThat(jobs.text("leader", "completedIndexes")).isEqualTo("2"));
        assertThat(jobs.centre.condition(Kinds.JOB, "leader", "SuccessCriteriaMet"))
                .isNotEqualTo("True");

        jobs.end("0", "Succeeded", 0);

        jobs.ended("leader", "Complete");
        assertThat(jobs.reason("leader", "SuccessCriteriaMet")).isEqualTo("SuccessPolicy");
        assertThat(jobs.centre.conditionMessage(Kinds.JOB, "leader", "SuccessCriteriaMet"))
                .isEqualTo("Matched rules at index 0");
        assertThat(jobs.reason("leader", "Complete")).isEqualTo("SuccessPolicy");
        assertThat(jobs.centre.conditionMessage(Kinds.JOB, "leader", "Complete"))
                .isEqualTo("Matched rules at index 0");
        assertThat(jobs.text("leader", "completedIndexes")).isEqualTo("0,2");
        assertThat(jobs.count("leader", "succeeded")).isEqualTo(2);
        assertThat(jobs.count("leader", "failed")).isZero();
        assertThat(jobs.text("leader", "completionTime")).isNotEmpty();
        eventually(() -> assertThat(jobs.fleet.pods())
                .hasSize(2)
                .allSatisfy(pod -> assertThat(Meta.finalizers(pod)).isEmpty()));
        eventually(() -> assertThat(jobs.centre.events("Completed")).hasSize(1));
    }

    @Test
    void rulesAreLookedAtInTurnByIndexesAndByCount() {
        String rules = """
                "successPolicy":{"rules":[{"succeededIndexes":"0-1,4","succeededCount":2},{"succeededCount":3}]}""";
        jobs.job("any", "host:/runs", 6, rules);
        for (String index : new String[] {"2", "3"}) {
            jobs.end(index, "Succeeded", 0);
        }
        eventually(() -> assertThat(jobs.text("any", "completedIndexes")).isEqualTo("2,3"));
        assertThat(jobs.reason("any", "SuccessCriteriaMet")).isEmpty();
        jobs.end("5", "Succeeded", 0);
        jobs.ended("any", "Complete");
        assertThat(jobs.centre.conditionMessage(Kinds.JOB, "any", "Complete")).isEqualTo("Matched rules at index 1");
        jobs.centre.delete(ObjectKey.of(Kinds.JOB, "default", "any"));
        eventually(() -> assertThat(jobs.fleet.pods()).isEmpty());

        jobs.job("some", "host:/runs", 6, rules);
        jobs.end("4", "Succeeded", 0);
        jobs.end("1", "Succeeded", 0);
        jobs.ended("some", "Complete");
        assertThat(jobs.centre.conditionMessage(Kinds.JOB, "some", "Complete")).isEqualTo("Matched rules at index 0");
        assertThat(jobs.count("some", "failed")).isZero();
    }

    /** Upstream's syncJob: what fails a Job is looked at before what makes it succeed. */
    @Test
    void aFailureOfTheJobGoesBeforeItsSuccessPolicy() {
        jobs.job("both", "host:/runs", 2, """
                "backoffLimitPerIndex":0,"maxFailedIndexes":0,"successPolicy":{"rules":[{"succeededIndexes":"0"}]}""");
        jobs.end("1", "Failed", 1);

        jobs.ended("both", "Failed");
        assertThat(jobs.reason("both", "Failed")).isEqualTo("MaxFailedIndexesExceeded");
        assertThat(jobs.reason("both", "SuccessCriteriaMet")).isEmpty();
    }

    /** Upstream: when no rule is met though all indexes succeed, the Job is complete as any other. */
    @Test
    void aJobWithoutARuleThatIsMetEndsByItsCompletions() {
        jobs.job("all", "host:/runs", 2, "\"successPolicy\":{\"rules\":[{\"succeededIndexes\":\"7\"}]}");
        jobs.end("0", "Succeeded", 0);
        jobs.end("1", "Succeeded", 0);

        jobs.ended("all", "Complete");
        assertThat(jobs.reason("all", "SuccessCriteriaMet")).isEqualTo("CompletionsReached");
    }

    /** Decision 0022: Complete promises that no pod runs any more. */
    @Test
    void completeWaitsUntilThePodsThatWereStoppedHaveEnded() {
        jobs.job("far", "host:/runs", 2, "\"successPolicy\":{\"rules\":[{\"succeededIndexes\":\"0\"}]}");
        eventually(() -> assertThat(jobs.count("far", "ready")).isEqualTo(2)); // each has its node by now
        ObjectNode lost = jobs.running("1");
        ObjectNode leader = jobs.running("0");
        jobs.fleet.idle(Fleet.node(lost));

        jobs.fleet.end(leader, "Succeeded", 0);

        jobs.ended("far", "SuccessCriteriaMet");
        Centre.steadily(
                Duration.ofMillis(300),
                () -> assertThat(jobs.centre.condition(Kinds.JOB, "far", "Complete"))
                        .isNotEqualTo("True"));
        jobs.fleet.act(Fleet.node(lost));
        jobs.ended("far", "Complete");
        assertThat(jobs.count("far", "failed")).isZero();
    }
}
