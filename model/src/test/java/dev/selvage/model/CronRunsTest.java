package dev.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decision 0025: which CronJobs a node can keep. */
class CronRunsTest {
    @Test
    void aCronJobOfOnePodIsBoundToTheNodeThatItNames() {
        assertThat(CronRuns.boundTo(cronJob("\"backoffLimit\":3"))).contains("edge-1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"completions\":1,\"completionMode\":\"Indexed\",\"backoffLimitPerIndex\":1",
                "\"completions\":1,\"completionMode\":\"Indexed\",\"successPolicy\":{\"rules\":[{\"succeededCount\":1}]}",
                "\"podFailurePolicy\":{\"rules\":[]}",
                "\"completions\":2",
                "\"backoffLimit\":51"
            })
    void whatANodesJobsDoNotKnowStaysWithTheCentre(String job) {
        assertThat(CronRuns.boundTo(cronJob(job))).isEmpty();
    }

    private static ObjectNode cronJob(String job) {
        return Json.parseObject("""
                {"spec":{"jobTemplate":{"spec":{%s,"template":{"spec":{"nodeName":"edge-1"}}}}}}""".formatted(job));
    }
}
