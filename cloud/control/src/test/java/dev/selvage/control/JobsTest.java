package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.JobDefaults;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs over nodes that carry out what is bound to them (issue 4: controllers; upstream batch/v1 of 1.31). */
class JobsTest {
    private final Centre centre = Centre.start();
    private final Fleet fleet = new Fleet(centre);

    @BeforeEach
    void begin() {
        centre.node("edge-1", "");
        centre.node("edge-2", "");
    }

    @AfterEach
    void end() {
        fleet.close();
        centre.close();
    }

    private void job(String name, String image, String more) {
        ObjectNode job = Json.parseObject("""
                {"apiVersion":"batch/v1","kind":"Job","metadata":{"namespace":"default","name":"%s"},
                 "spec":{%s"template":{
                     "spec":{"runtimeClassName":"process","hostNetwork":true,"restartPolicy":"Never",
                       "containers":[{"name":"c","image":"%s","command":["true"]}]}}}}""".formatted(name, more.isEmpty() ? "" : more + ",", image));
        JobDefaults.apply(job);
        centre.create(job);
    }

    private ObjectNode get(String name) {
        return centre.get(Kinds.JOB, name);
    }

    private int status(String name, String field) {
        return Json.at(get(name), "status", field).asInt(0);
    }

    private String reason(String name, String condition) {
        return Conditions.find(get(name), condition)
                .map(c -> Json.textAt(c, "reason"))
                .orElse("");
    }

    private void ended(String name, String condition) {
        eventually(
                () -> assertThat(centre.condition(Kinds.JOB, name, condition)).isEqualTo("True"));
    }

    private void change(String name, Consumer<ObjectNode> spec) {
        centre.change(ObjectKey.of(Kinds.JOB, "default", name), object -> spec.accept(Json.child(object, "spec")));
    }

    private List<ObjectNode> active() {
        return fleet.pods().stream()
                .filter(pod ->
                        !Meta.deleting(pod) && !List.of("Succeeded", "Failed").contains(Fleet.phase(pod)))
                .toList();
    }

    @Test
    void aJobIsCompleteWhenItsPodsHaveSucceededAndKeepsThemWithoutAFinalizer() {
        job("sum", "host:/succeeds", "\"completions\":5,\"parallelism\":2");

        ended("sum", "Complete");

        ObjectNode job = get("sum");
        assertThat(status("sum", "succeeded")).isEqualTo(5);
        assertThat(status("sum", "active")).isZero();
        assertThat(reason("sum", "Complete")).isEqualTo("CompletionsReached");
        assertThat(reason("sum", "SuccessCriteriaMet")).isEqualTo("CompletionsReached");
        assertThat(Json.textAt(job, "status", "completionTime")).isNotEmpty();
        assertThat(Json.textAt(job, "status", "startTime")).isNotEmpty();
        assertThat(Json.at(job, "status", "uncountedTerminatedPods")).isEmpty();
        eventually(() -> assertThat(fleet.pods())
                .hasSize(5)
                .allSatisfy(pod -> assertThat(Meta.finalizers(pod)).isEmpty()));
        assertThat(fleet.pods())
                .allSatisfy(pod -> assertThat(Meta.labels(pod))
                        .containsEntry("job-name", "sum")
                        .containsEntry("batch.kubernetes.io/controller-uid", Meta.uid(job)));
        eventually(() -> assertThat(centre.events("Completed")).hasSize(1));
    }

    @Test
    void noMoreThanParallelismRunAtATimeAndAChangeOfItFollows() {
        job("wide", "host:/runs", "\"completions\":10,\"parallelism\":3");

        eventually(() -> assertThat(status("wide", "ready")).isEqualTo(3));
        assertThat(active()).hasSize(3);
        change("wide", spec -> spec.put("parallelism", 1));

        eventually(() -> assertThat(active()).hasSize(1));
        Centre.steadily(
                Duration.ofMillis(300),
                () -> assertThat(status("wide", "failed"))
                        .as("pods that were too many are no failures")
                        .isZero());
    }

    @Test
    void aJobFailsBeyondItsBackoffLimitAndSaysSo() {
        job("bad", "host:/fails", "\"backoffLimit\":2");

        ended("bad", "Failed");

        assertThat(status("bad", "failed")).isEqualTo(3);
        assertThat(reason("bad", "Failed")).isEqualTo("BackoffLimitExceeded");
        assertThat(reason("bad", "FailureTarget")).isEqualTo("BackoffLimitExceeded");
        assertThat(centre.conditionMessage(Kinds.JOB, "bad", "Failed"))
                .isEqualTo("Job has reached the specified backoff limit");
        assertThat(get("bad").path("status").has("completionTime")).isFalse();
        eventually(() -> assertThat(centre.events("BackoffLimitExceeded")).hasSize(1));
        assertThat(fleet.pods()).hasSize(3);
    }

    @Test
    void aDeadlineEndsTheJobAndItsPods() {
        job("slow", "host:/runs", "\"activeDeadlineSeconds\":1,\"parallelism\":2,\"completions\":2");

        ended("slow", "Failed");

        assertThat(reason("slow", "Failed")).isEqualTo("DeadlineExceeded");
        assertThat(centre.conditionMessage(Kinds.JOB, "slow", "Failed"))
                .isEqualTo("Job was active longer than specified deadline");
        eventually(() -> assertThat(fleet.pods()).isEmpty());
    }

    @Test
    void aSuspendedJobHasNoPodsAndGoesOnWhenResumed() {
        job("later", "host:/runs", "\"suspend\":true");
        eventually(() ->
                assertThat(centre.condition(Kinds.JOB, "later", "Suspended")).isEqualTo("True"));
        assertThat(fleet.pods()).isEmpty();
        assertThat(get("later").path("status").has("startTime")).isFalse();

        change("later", spec -> spec.put("suspend", false));
        eventually(() -> assertThat(active()).hasSize(1));
        eventually(() -> assertThat(reason("later", "Suspended")).isEqualTo("JobResumed"));

        change("later", spec -> spec.put("suspend", true));
        eventually(() -> assertThat(fleet.pods()).isEmpty());
        assertThat(status("later", "failed")).isZero();
    }

    @Test
    void anIndexedJobRunsEachIndexUntilItHasSucceeded() {
        job("parts", "host:/runs", "\"completionMode\":\"Indexed\",\"completions\":4,\"parallelism\":4");
        eventually(() -> assertThat(indexes()).containsExactly("0", "1", "2", "3"));
        ObjectNode two = ofIndex("2");
        assertThat(Meta.name(two)).startsWith("parts-2-");
        assertThat(Json.textAt(two, "spec", "hostname")).isEqualTo("parts-2");
        assertThat(Json.at(two, "spec", "containers").get(0).path("env").toString())
                .contains("JOB_COMPLETION_INDEX", "metadata.labels['batch.kubernetes.io/job-completion-index']");

        for (String index : List.of("0", "1", "3")) {
            fleet.end(ofIndex(index), "Succeeded", 0);
        }
        fleet.end(two, "Failed", 1);

        eventually(() -> assertThat(Json.textAt(get("parts"), "status", "completedIndexes"))
                .isEqualTo("0,1,3"));
        eventually(() -> assertThat(indexes()).containsExactly("2"));
        fleet.end(ofIndex("2"), "Succeeded", 0);
        ended("parts", "Complete");
        assertThat(Json.textAt(get("parts"), "status", "completedIndexes")).isEqualTo("0-3");
        assertThat(status("parts", "succeeded")).isEqualTo(4);
        assertThat(status("parts", "failed")).isEqualTo(1);
    }

    private List<String> indexes() {
        return active().stream().map(JobsTest::index).sorted().toList();
    }

    private static String index(ObjectNode pod) {
        return Meta.annotations(pod).getOrDefault("batch.kubernetes.io/job-completion-index", "");
    }

    private ObjectNode ofIndex(String index) {
        return active().stream()
                .filter(pod -> index(pod).equals(index))
                .findFirst()
                .orElseThrow();
    }

    /** k8s.io/docs, "Handling retriable and non-retriable pod failures with Pod failure policy". */
    @Test
    void aFailurePolicyEndsTheJobOrIgnoresTheFailure() {
        String policy = """
                "backoffLimit":0,"podFailurePolicy":{"rules":[
                  {"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget","status":"True"}]},
                  {"action":"FailJob","onExitCodes":{"operator":"In","values":[42]}}]}""";
        job("policy", "host:/runs", policy);
        eventually(() -> assertThat(active()).hasSize(1));
        ObjectNode first = active().getFirst();
        centre.changeStatus(
                ObjectKey.of(first), pod -> Conditions.set(pod, "DisruptionTarget", "True", "x", "", Instant.now()));
        fleet.end(first, "Failed", 1);

        eventually(() ->
                assertThat(active()).hasSize(1).noneMatch(pod -> Meta.uid(pod).equals(Meta.uid(first))));
        assertThat(status("policy", "failed")).isZero();
        fleet.end(active().getFirst(), "Failed", 42);

        ended("policy", "Failed");
        assertThat(reason("policy", "Failed")).isEqualTo("PodFailurePolicy");
        assertThat(centre.conditionMessage(Kinds.JOB, "policy", "Failed"))
                .matches(
                        "Container c for pod default/policy-\\w+ failed with exit code 42 matching FailJob rule at index 1");
    }

    @Test
    void aFinishedJobGoesAfterItsTimeWithItsPods() {
        job("brief", "host:/succeeds", "\"ttlSecondsAfterFinished\":1");

        eventually(() -> assertThat(centre.find(Kinds.JOB, "brief")).isEmpty());
        eventually(() -> assertThat(fleet.pods()).isEmpty());
    }

    @Test
    void deletingAJobRemovesItsPodsThoughTheyAreTracked() {
        job("gone", "host:/runs", "\"completions\":2,\"parallelism\":2");
        eventually(() -> assertThat(active()).hasSize(2));

        centre.delete(ObjectKey.of(Kinds.JOB, "default", "gone"));

        eventually(() -> assertThat(fleet.pods()).isEmpty());
    }

    /** Pods that are deleted count as failed, as upstream: nobody else would say what became of them. */
    @Test
    void aDeletedPodIsReplacedAndCountsAsFailed() {
        job("work", "host:/runs", "");
        eventually(() -> assertThat(active()).hasSize(1));
        ObjectNode victim = active().getFirst();

        centre.delete(ObjectKey.of(victim));

        eventually(() ->
                assertThat(active()).hasSize(1).noneMatch(pod -> Meta.uid(pod).equals(Meta.uid(victim))));
        eventually(() -> assertThat(status("work", "failed")).isEqualTo(1));
    }

    /** Design: pods on nodes that cannot be reached most likely run; controllers that would replace them wait. */
    @Test
    void aPodOnAnUnreachableNodeIsNotReplacedEvenWhenDeletedUntilSomebodyConfirmsItsEnd() {
        job("far", "host:/runs", "");
        eventually(() -> assertThat(status("far", "ready")).isEqualTo(1));
        ObjectNode pod = active().getFirst();
        fleet.idle(Fleet.node(pod));
        centre.silence(Fleet.node(pod));
        eventually(() -> assertThat(Conditions.status(centre.get(Kinds.POD, Meta.name(pod)), "Linked"))
                .isEqualTo("Unknown"));

        centre.delete(ObjectKey.of(pod));

        Centre.steadily(Duration.ofMillis(500), () -> assertThat(fleet.pods()).hasSize(1));
        assertThat(status("far", "failed")).isZero();
        centre.resources()
                .delete(
                        ObjectKey.of(pod),
                        new DeleteOptions(Meta.uid(pod), null, DeleteOptions.Propagation.BACKGROUND, 0L, false, false));
        eventually(() -> assertThat(active())
                .hasSize(1)
                .allSatisfy(p ->
                        assertThat(Fleet.node(p)).isNotEqualTo(Fleet.node(pod)).isNotEmpty()));
        eventually(() -> assertThat(status("far", "failed")).isEqualTo(1));
    }

    @Test
    void aJobThatSaysEvictAfterGetsItsReplacementElsewhere() {
        ObjectNode job = Json.parseObject("""
                {"apiVersion":"batch/v1","kind":"Job","metadata":{"namespace":"default","name":"urgent"},
                 "spec":{"template":{"metadata":{"annotations":{"selvage.dev/evict-after":"1s"}},
                     "spec":{"runtimeClassName":"process","hostNetwork":true,"restartPolicy":"Never",
                       "containers":[{"name":"c","image":"host:/runs","command":["true"]}]}}}}""");
        JobDefaults.apply(job);
        centre.create(job);
        eventually(() -> assertThat(status("urgent", "ready")).isEqualTo(1));
        String node = Fleet.node(active().getFirst());
        fleet.idle(node);
        centre.silence(node);

        eventually(() -> assertThat(active())
                .hasSize(1)
                .allSatisfy(p -> assertThat(Fleet.node(p)).isNotEqualTo(node).isNotEmpty()));
    }

    /** Upstream's uncountedTerminatedPods: a controller that dies between any two writes counts no pod twice and loses none. */
    @Test
    void whatAnEarlierLeaderLeftHalfCountedIsCountedOnce() {
        job("half", "host:/runs", "\"parallelism\":3");
        eventually(() -> assertThat(status("half", "ready")).isEqualTo(3));
        String noted = Meta.uid(active().getFirst());
        // as if it had died when one uid was noted whose pod is still held, and one whose pod has been let go of
        centre.changeStatus(
                ObjectKey.of(Kinds.JOB, "default", "half"),
                object -> Json.child(Json.child(object, "status"), "uncountedTerminatedPods")
                        .putArray("succeeded")
                        .add(noted)
                        .add("4b0c6b3e-0000-4000-8000-000000000000"));

        active().forEach(pod -> fleet.end(pod, "Succeeded", 0));

        ended("half", "Complete");
        assertThat(status("half", "succeeded"))
                .as("three pods, and the one that was let go of")
                .isEqualTo(4);
        eventually(() -> assertThat(fleet.pods())
                .hasSize(3)
                .allSatisfy(pod -> assertThat(Meta.finalizers(pod)).isEmpty()));
    }
}
