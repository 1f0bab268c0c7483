package dev.selvage.workloads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.CronRuns;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.NodeRun;
import dev.selvage.model.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4: CronJobs "bound to a node they run offline too" (decision 0025), by a clock and with pods that the test says. */
class BoundCronJobsTest {
    private static final Instant BEGIN = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    Path home;

    private final Map<String, ObjectNode> reports = new HashMap<>();
    private final List<String> events = new ArrayList<>();
    private Instant now = BEGIN.plusSeconds(30);
    private boolean linked;
    private ObjectNode cronJob = cronJob("");
    private List<ObjectNode> jobs = List.of();
    private List<ObjectNode> known = List.of();
    private BoundCronJobs cronJobs = open();

    @BeforeEach
    void anew() {
        cronJobs = open();
        desired();
    }

    private BoundCronJobs open() {
        return new BoundCronJobs(
                home == null ? Path.of("unused") : home.resolve("cronjobs"),
                "edge-1",
                () -> now,
                () -> linked,
                new CronListener() {
                    @Override
                    public void report(ObjectKey key, String uid, ObjectNode status) {
                        reports.put(uid, status);
                    }

                    @Override
                    public void event(ObjectKey key, String uid, String type, String reason, String message) {
                        events.add(reason);
                    }

                    @Override
                    public void changed() {}
                },
                events::add);
    }

    private static ObjectNode cronJob(String more) {
        ObjectNode cronJob = Json.parseObject("""
                {"apiVersion": "batch/v1", "kind": "CronJob",
                 "metadata": {"name": "tick", "namespace": "green", "uid": "cron-uid", "generation": 3,
                  "creationTimestamp": "2026-03-01T10:00:10Z"},
                 "spec": {"schedule": "* * * * *", "concurrencyPolicy": "Allow",
                  "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1,
                  "jobTemplate": {"spec": {"backoffLimit": 1, "template": {"spec": {"nodeName": "edge-1",
                   "restartPolicy": "Never", "containers": [{"name": "c", "image": "host"}]}}}}},
                 "status": {"nodeName": "edge-1"}}""");
        ((ObjectNode) cronJob.path("spec")).setAll(Json.parseObject("{" + more + "}"));
        return cronJob;
    }

    private List<ObjectNode> desired() {
        return cronJobs.desired(List.of(cronJob), jobs, known, true);
    }

    private List<ObjectNode> at(String time) {
        now = Instant.parse("2026-03-01T" + time + "Z");
        cronJobs.look();
        return desired();
    }

    private void ends(ObjectNode pod, String phase) {
        cronJobs.observed(Meta.uid(pod), Json.object().put("phase", phase));
        cronJobs.look();
    }

    private List<NodeRun> told() {
        return NodeRun.read(reports.getOrDefault("cron-uid", NodeRun.report(List.of())));
    }

    /** As when the hub has made of the report what it says, and sent it. */
    private void theCentreKnows() {
        jobs = new ArrayList<>();
        known = new ArrayList<>();
        for (NodeRun run : told()) {
            ObjectNode job = CronRuns.job(cronJob, run.slot(), "edge-1");
            run.end()
                    .ifPresent(end -> Json.child(job, "status")
                            .withArray("conditions")
                            .addObject()
                            .put("type", end.complete() ? "Complete" : "Failed")
                            .put("status", "True"));
            jobs.add(job);
            run.unknown().forEach(number -> known.add(CronRuns.pod(job, number)));
        }
    }

    @Test
    void aTimeBeginsOneRunWhoseNamesAndUidsFollowFromIt() {
        assertThat(at("10:00:59")).isEmpty();
        List<ObjectNode> pods = at("10:01:00");

        ObjectNode job = CronRuns.job(cronJob, Instant.parse("2026-03-01T10:01:00Z"), "edge-1");
        assertThat(pods).containsExactly(CronRuns.pod(job, 0));
        assertThat(at("10:01:30")).as("the same minute").hasSize(1);
        assertThat(told()).singleElement().satisfies(run -> {
            assertThat(run.offline()).isTrue();
            assertThat(run.unknown()).containsExactly(0);
            assertThat(run.generation()).isEqualTo(3);
        });
        assertThat(at("10:02:00")).as("Allow").hasSize(2);
    }

    @Test
    void aRunThatBeganIsFoundAfterACrashAndNotBegunAgain() {
        List<ObjectNode> before = at("10:01:00");
        cronJobs = open();

        assertThat(desired()).isEqualTo(before);
        assertThat(at("10:01:10")).isEqualTo(before);
    }

    @Test
    void withoutItsBookOnDiskNothingBegins() throws IOException {
        Files.delete(home.resolve("cronjobs/cron-uid.json"));
        Files.createDirectories(home.resolve("cronjobs/cron-uid.json/in-the-way")); // a rename cannot replace it
        now = Instant.parse("2026-03-01T10:01:00Z");

        assertThatThrownBy(cronJobs::look).hasMessageContaining("cannot be written");
        assertThat(desired()).isEmpty();
        Files.delete(home.resolve("cronjobs/cron-uid.json/in-the-way"));
        Files.delete(home.resolve("cronjobs/cron-uid.json"));
        assertThat(at("10:01:02")).hasSize(1);
    }

    @Test
    void aDamagedBookIsSetAsideAndMakesNoRunASecondTime() throws IOException {
        at("10:01:00");
        Files.writeString(home.resolve("cronjobs/cron-uid.json"), "damaged");
        cronJobs = open();
        desired();

        assertThat(at("10:01:30")).isEmpty();
        assertThat(events).anySatisfy(event -> assertThat(event).contains("set aside"));
        assertThat(at("10:02:00")).hasSize(1);
    }

    @Test
    void afterALongSleepTheLastMissedTimeAloneRuns() {
        at("10:01:00");
        assertThat(at("15:30:20")).hasSize(2);
        assertThat(told().getLast().slot()).isEqualTo(Instant.parse("2026-03-01T15:30:00Z"));
        assertThat(events).contains("TooManyMissedTimes");
    }

    @Test
    void aClockThatJumpsBackRunsNoMinuteTwice() {
        for (int minute = 1; minute < 10; minute++) {
            at("10:0" + minute + ":00").forEach(pod -> ends(pod, "Succeeded"));
        }
        int runs = told().size();

        at("10:04:00");
        at("10:05:00");
        at("10:09:59");

        assertThat(told()).hasSize(runs);
        at("10:10:00");
        assertThat(told().getLast().slot()).isEqualTo(Instant.parse("2026-03-01T10:10:00Z"));
    }

    @Test
    void aClockThatWasAYearAheadDoesNotStopTheSchedule() {
        now = Instant.parse("2027-03-01T10:01:00Z");
        cronJobs.look();
        assertThat(told()).hasSize(1);

        at("10:02:00");
        assertThat(told()).hasSize(2);
    }

    @Test
    void forbidWaitsForTheRunThatIsThere() {
        cronJob = cronJob("\"concurrencyPolicy\": \"Forbid\"");
        desired();
        ObjectNode first = at("10:01:00").getFirst();

        assertThat(at("10:02:00")).hasSize(1);
        assertThat(events).containsExactly("JobAlreadyActive");
        ends(first, "Succeeded");
        assertThat(at("10:02:20")).as("late, as upstream").hasSize(2);
    }

    @Test
    void replaceEndsTheRunThatIsThere() {
        cronJob = cronJob("\"concurrencyPolicy\": \"Replace\"");
        linked = true;
        desired();
        ObjectNode first = at("10:01:00").getFirst();
        theCentreKnows();
        List<ObjectNode> pods = at("10:02:00");

        assertThat(pods)
                .hasSize(2)
                .filteredOn(Meta::deleting)
                .singleElement()
                .satisfies(pod -> assertThat(Meta.uid(pod)).isEqualTo(Meta.uid(first)));
        assertThat(told().getFirst().replaced()).isTrue();
        jobs = List.of();
        cronJobs.gone(Meta.uid(first));
        assertThat(at("10:02:10"))
                .as("its Job is gone, and its pod not yet")
                .noneMatch(pod -> Meta.uid(pod).equals(Meta.uid(first)) && !Meta.deleting(pod));
        known = List.of();
        assertThat(at("10:02:20")).hasSize(1).noneMatch(Meta::deleting);
    }

    @Test
    void suspendTimeZoneAndStartingDeadlineAreHonoured() {
        cronJob = cronJob("\"suspend\": true");
        desired();
        assertThat(at("10:05:00")).isEmpty();

        cronJob = cronJob("\"schedule\": \"30 18 * * *\", \"timeZone\": \"Asia/Shanghai\"");
        desired();
        assertThat(at("10:29:59")).isEmpty();
        assertThat(at("10:30:00")).hasSize(1);
        cronJob = cronJob("\"schedule\": \"0 * * * *\", \"startingDeadlineSeconds\": 20");
        desired();
        assertThat(at("11:00:25")).hasSize(1);
    }

    @Test
    void aFailedPodIsTriedAgainAfterAPauseUpToTheBackoffLimit() {
        cronJob = cronJob("\"schedule\": \"1 * * * *\"");
        desired();
        ends(at("10:01:00").getFirst(), "Failed");
        assertThat(at("10:01:05")).hasSize(1);
        List<ObjectNode> pods = at("10:01:10");
        assertThat(pods).hasSize(2);
        ends(pods.get(1), "Failed");
        at("10:05:00");

        assertThat(told()).singleElement().satisfies(run -> {
            assertThat(run.failed()).isEqualTo(2);
            assertThat(run.end().orElseThrow().reason()).isEqualTo("BackoffLimitExceeded");
        });
    }

    @Test
    void aRunBeyondItsDeadlineIsEnded() {
        cronJob = cronJob("\"schedule\": \"1 * * * *\"");
        Json.child(Json.child((ObjectNode) cronJob.path("spec"), "jobTemplate"), "spec")
                .put("activeDeadlineSeconds", 30);
        desired();
        at("10:01:00");

        assertThat(at("10:01:30"))
                .singleElement()
                .satisfies(pod -> assertThat(Meta.deleting(pod)).isTrue());
        assertThat(told().getFirst().end().orElseThrow().reason()).isEqualTo("DeadlineExceeded");
    }

    @Test
    void withoutALinkTheHistoryKeepsItsLimitsAndThePodsOfThose() {
        for (int minute = 10; minute < 40; minute++) {
            at("10:" + minute + ":00").stream()
                    .filter(pod -> !pod.path("status").has("phase"))
                    .forEach(pod -> ends(pod, "Succeeded"));
        }

        assertThat(told()).hasSize(3).allMatch(run -> run.end().isPresent());
        assertThat(desired()).hasSize(3);
    }

    @Test
    void whatTheCentreKnowsIsItsOwnFromThenOn() {
        linked = true;
        ObjectNode pod = at("10:01:00").getFirst();
        assertThat(cronJobs.observed(Meta.uid(pod), Json.object().put("phase", "Running")))
                .as("the centre would not know the pod")
                .isFalse();
        theCentreKnows();
        assertThat(desired()).as("not twice").hasSize(1);

        assertThat(reports.get(Meta.uid(pod))).as("told when it knows").isNotNull();
        assertThat(cronJobs.observed(Meta.uid(pod), Json.object().put("phase", "Succeeded")))
                .isTrue();
        at("10:01:20");
        assertThat(told().getFirst().known()).isTrue();
        List<ObjectNode> pods = known;
        theCentreKnows();
        known = pods;
        assertThat(at("10:01:30")).containsExactlyElementsOf(pods);
        at("10:01:31");
        assertThat(told()).as("settled").isEmpty();
    }

    @Test
    void aTemplateThatChangesDoesNotChangeARunThatBegan() {
        ObjectNode pod = at("10:01:00").getFirst();
        theCentreKnows();
        known.forEach(p -> p.putObject("spec").put("nodeName", "edge-1").put("restartPolicy", "Always"));

        assertThat(desired().getFirst().path("spec")).isEqualTo(pod.path("spec"));
    }

    @Test
    void aCronJobOrJobThatTheCentreDeletedLeavesNothing() {
        linked = true;
        at("10:01:00");
        theCentreKnows();
        desired();
        jobs = List.of();
        known = List.of();
        assertThat(desired()).as("Job deleted").isEmpty();
        at("10:01:30");
        assertThat(told()).isEmpty();

        at("10:02:00");
        assertThat(cronJobs.desired(List.of(), List.of(), List.of(), false))
                .as("a damaged slice says nothing")
                .hasSize(1);
        assertThat(cronJobs.desired(List.of(), List.of(), List.of(), true)).isEmpty();
        assertThat(home.resolve("cronjobs")).isEmptyDirectory();
    }

    @Test
    void aRunThatTheDiskHasLostIsTakenOverFromTheCentre() throws IOException {
        linked = true;
        ObjectNode pod = at("10:01:00").getFirst();
        theCentreKnows();
        Files.delete(home.resolve("cronjobs/cron-uid.json"));
        cronJobs = open();

        assertThat(desired()).hasSize(1);
        ends(pod, "Succeeded");
        assertThat(told())
                .singleElement()
                .satisfies(run -> assertThat(run.end()).isPresent());
        assertThat(at("10:01:40")).as("its minute has had its run").hasSize(1);
    }

    @Test
    void underAllowThereIsAnEndToRunsAtATime() {
        for (int minute = 10; minute < 10 + CronKeeper.MOST_ACTIVE + 5; minute++) {
            at("10:" + minute + ":00");
        }
        assertThat(desired()).hasSize(CronKeeper.MOST_ACTIVE);
        assertThat(events).contains("TooManyActive");
        assertThat(Duration.between(told().getFirst().slot(), now)).isPositive();
    }
}
