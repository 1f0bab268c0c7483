package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.CronRuns;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.NodeRun;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.StatusReport;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Issue 4: what a node tells of the CronJobs that it keeps becomes Jobs and pods, once (decision 0025). */
class RunsOverTheLinkTest {
    private static final Instant SLOT = Instant.parse("2026-01-01T10:00:00Z");

    private static TestCentre centre;
    private static TestNode node;
    private static TestNode other;
    private static int count;
    private String name = "";
    private ObjectNode cronJob = Json.object();

    @BeforeAll
    static void start() throws Exception {
        centre = new TestCentre();
        node = TestNode.linked(centre, "keeper");
        other = TestNode.linked(centre, "other");
        centre.create(Kinds.NAMESPACE, "", "tenant", "{}");
    }

    @AfterAll
    static void stop() throws IOException {
        node.close();
        other.close();
        centre.close();
    }

    @BeforeEach
    void schedule() throws Exception {
        name = "tick-" + ++count;
        cronJob = cronJob(name, "keeper");
        eventually(() -> assertThat(node.keys()).contains(key()));
    }

    private static ObjectNode cronJob(String name, String keeper) {
        var stored = centre.create(Kinds.CRON_JOB, "tenant", name, """
                {"spec": {"schedule": "* * * * *", "jobTemplate": {"metadata": {"labels": {"of": "it"}},
                  "spec": {"template": {"spec": {"nodeName": "keeper", "restartPolicy": "Never",
                   "volumes": [{"name": "v", "configMap": {"name": "words"}}],
                   "containers": [{"name": "c", "image": "host"}]}}}}}}""");
        centre.store.resources().mutateStatus(stored.key(), object -> {
            Json.child(object, "status").put(CronRuns.KEEPER, keeper);
            return object;
        });
        return stored.parse();
    }

    private ObjectKey key() {
        return ObjectKey.of(Kinds.CRON_JOB, "tenant", name);
    }

    private static NodeRun run(Instant slot, boolean known, int failed, Optional<NodeRun.End> end, Integer... unknown) {
        return new NodeRun(
                slot, known, false, true, 1, slot.plusSeconds(1), List.of(unknown), failed, end.isEmpty(), false, end);
    }

    private void tell(TestNode who, NodeRun... runs) throws Exception {
        tell(who, NodeRun.report(List.of(runs)));
    }

    private void tell(TestNode who, ObjectNode report) throws Exception {
        who.session().status(new StatusReport(key(), Meta.uid(cronJob), report));
        eventually(() -> assertThat(who.session().reportsStored()).isTrue());
    }

    private List<ObjectNode> jobs() {
        return centre.store.resources().list(Selection.all(Kinds.JOB)).stream()
                .map(Stored::parse)
                .filter(job -> Meta.ownerReferences(job).stream()
                        .anyMatch(owner -> owner.uid().equals(Meta.uid(cronJob))))
                .toList();
    }

    private List<ObjectNode> pods() {
        return centre.store.resources().list(Selection.all(Kinds.POD)).stream()
                .map(Stored::parse)
                .filter(pod -> Meta.name(pod).startsWith(name + "-"))
                .toList();
    }

    private static Optional<NodeRun.End> complete() {
        return Optional.of(new NodeRun.End(true, "CompletionsReached", "enough", SLOT.plusSeconds(20)));
    }

    @Test
    void aRunBecomesAJobWithItsPodAndComesBackInTheSlice() throws Exception {
        tell(node, run(SLOT, false, 0, complete(), 0));

        ObjectNode job = jobs().getFirst();
        assertThat(Meta.name(job)).isEqualTo(CronRuns.name(name, SLOT));
        assertThat(Meta.uid(job)).isEqualTo(CronRuns.uid(Meta.uid(cronJob), SLOT));
        assertThat(Meta.labels(job)).containsEntry("of", "it");
        assertThat(Meta.annotations(job))
                .containsEntry(CronRuns.NODE, "keeper")
                .containsEntry(CronRuns.OFFLINE, "true")
                .containsKey("batch.kubernetes.io/cronjob-scheduled-timestamp");
        assertThat(Conditions.status(job, "Complete")).isEqualTo("True");
        assertThat(Json.textAt(job, "status", "startTime"))
                .isEqualTo(SLOT.plusSeconds(1).toString());
        assertThat(Json.textAt(job, "status", "completionTime"))
                .isEqualTo(SLOT.plusSeconds(20).toString());
        assertThat(job.path("status").path("succeeded").asInt()).isEqualTo(1);
        ObjectNode pod = pods().getFirst();
        assertThat(Meta.uid(pod)).isEqualTo(CronRuns.podUid(Meta.uid(job), 0));
        assertThat(Json.textAt(pod, "spec", "nodeName")).isEqualTo("keeper");
        eventually(() -> assertThat(node.keys()).contains(ObjectKey.of(job), ObjectKey.of(pod)));
        assertThat(other.keys()).doesNotContain(key(), ObjectKey.of(job), ObjectKey.of(pod));
    }

    @Test
    void whatIsToldAgainIsNotMadeAgain() throws Exception {
        tell(node, run(SLOT, false, 0, Optional.empty(), 0));
        assertThat(jobs().getFirst().path("status").path("active").asInt()).isEqualTo(1);
        tell(node, run(SLOT, false, 1, Optional.empty(), 0, 1));
        tell(node, run(SLOT, true, 1, complete()));
        tell(node, run(SLOT, true, 2, Optional.of(new NodeRun.End(false, "Later", "changed its mind", SLOT))));

        assertThat(jobs()).hasSize(1);
        assertThat(pods()).hasSize(2);
        ObjectNode job = jobs().getFirst();
        assertThat(job.path("status").path("failed").asInt()).isEqualTo(1);
        assertThat(Conditions.status(job, "Failed")).as("an end is final").isEmpty();
        assertThat(job.path("status").has("active")).isFalse();
    }

    @Test
    void aJobThatSomebodyDeletedStaysDeleted() throws Exception {
        tell(node, run(SLOT, false, 0, complete(), 0));
        ObjectKey job = ObjectKey.of(jobs().getFirst());
        eventually(() -> assertThat(node.keys()).contains(job));
        centre.delete(job);

        tell(node, run(SLOT, true, 0, complete()));

        assertThat(jobs()).isEmpty();
        eventually(() -> assertThat(node.keys()).doesNotContain(job));
    }

    @Test
    void aRunThatWasReplacedTakesItsJobWithIt() throws Exception {
        tell(node, run(SLOT, false, 0, Optional.empty(), 0));
        tell(node, new NodeRun(SLOT, true, true, false, 1, SLOT, List.of(), 0, false, false, Optional.empty()));
        assertThat(jobs()).isEmpty();
    }

    @Test
    void anotherNodesWordCountsForNothing() throws Exception {
        tell(other, run(SLOT, false, 0, complete(), 0));
        assertThat(jobs()).isEmpty();
        assertThat(other.heard()).anySatisfy(heard -> assertThat(heard).contains("does not belong to node other"));
    }

    @Test
    void aCronJobOfTheSameNameIsAnotherOne() throws Exception {
        String uid = Meta.uid(cronJob);
        centre.delete(key());
        eventually(() -> assertThat(node.keys()).doesNotContain(key()));
        cronJob = cronJob(name, "keeper");

        node.session()
                .status(new StatusReport(key(), uid, NodeRun.report(List.of(run(SLOT, false, 0, complete(), 0)))));
        eventually(() -> assertThat(node.heard())
                .anySatisfy(heard -> assertThat(heard).contains(key().toString(), "the report is about " + uid)));
        assertThat(jobs()).isEmpty();
        node.session()
                .status(new StatusReport(
                        ObjectKey.of(Kinds.CRON_JOB, "tenant", "none"), uid, NodeRun.report(List.of())));
        eventually(() -> assertThat(node.heard())
                .anySatisfy(heard -> assertThat(heard).contains("tenant/none", "there is no such object")));
    }

    @Test
    void moreThanANodeMayTellIsRefused() throws Exception {
        List<NodeRun> many = new ArrayList<>();
        for (int i = 0; i <= NodeRun.MOST; i++) {
            many.add(run(SLOT.minusSeconds(60L * i), false, 0, complete(), 0));
        }
        tell(node, NodeRun.report(many));
        assertThat(node.heard()).anySatisfy(heard -> assertThat(heard).contains("runs: found 65", "up to 64"));
        tell(node, run(SLOT.plus(36_500, ChronoUnit.DAYS), false, 0, complete(), 0));
        assertThat(node.heard()).anySatisfy(heard -> assertThat(heard).contains("in the future"));
        ObjectNode wrong = NodeRun.report(List.of(run(SLOT, false, 0, complete(), 0)));
        ((ObjectNode) wrong.path("runs").get(0)).put("failed", 1_000_000);
        tell(node, wrong);
        assertThat(node.heard()).anySatisfy(heard -> assertThat(heard).contains("failed: found 1000000"));
        assertThat(jobs()).isEmpty();
    }

    @Test
    void jobsThatSomebodyElseMadeAreLeftAlone() throws Exception {
        ObjectNode foreign = TestCentre.object(Kinds.JOB, "tenant", CronRuns.name(name, SLOT));
        foreign.putObject("spec");
        centre.create(foreign);

        tell(node, run(SLOT, false, 0, complete(), 0));

        assertThat(node.heard()).anySatisfy(heard -> assertThat(heard).contains("another Job than the node's"));
        assertThat(pods()).isEmpty();
    }

    @Test
    void theConfigMapsOfTheTemplateAreOnTheNodeBeforeARun() throws Exception {
        ObjectKey words = ObjectKey.of(Kinds.CONFIG_MAP, "tenant", "words");
        if (centre.get(words).isEmpty()) {
            centre.create(Kinds.CONFIG_MAP, "tenant", "words", "{\"data\": {\"a\": \"b\"}}");
        }
        eventually(() -> assertThat(node.keys()).contains(words));
    }

    @Test
    void aCronJobThatTheCentreKeepsItselfIsOnNoNode() throws Exception {
        centre.store.resources().mutateStatus(key(), object -> {
            Json.child(object, "status").remove(CronRuns.KEEPER);
            return object;
        });
        eventually(() -> assertThat(node.keys()).doesNotContain(key()));
    }
}
