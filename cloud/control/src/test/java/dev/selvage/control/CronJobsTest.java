package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.CronRuns;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * CronJobs under a clock that the test sets ahead (issue 4: controllers; upstream's cronjob controller v2). That clock goes on by itself too: each real minute that
 * passes meanwhile is one time more of a schedule.
 */
class CronJobsTest {
    private final Centre centre = Centre.start();
    private final Fleet fleet = new Fleet(centre);
    private int looks;

    @BeforeEach
    void begin() {
        centre.node("edge-1", "");
    }

    @AfterEach
    void end() {
        fleet.close();
        centre.close();
    }

    /** In one write: of a schedule that is there before {@code more} is, a controller that is late makes Jobs. */
    private void cronJob(String name, String image, String more) {
        ObjectNode cronJob = Json.parseObject("""
                {"apiVersion":"batch/v1","kind":"CronJob","metadata":{"namespace":"default","name":"%s"},
                 "spec":{"schedule":"* * * * *","concurrencyPolicy":"Allow","suspend":false,
                   "successfulJobsHistoryLimit":3,"failedJobsHistoryLimit":1,
                   "jobTemplate":{"metadata":{"labels":{"of":"%s"}},"spec":{"template":{
                     "spec":{"runtimeClassName":"process","hostNetwork":true,"restartPolicy":"Never",
                       "containers":[{"name":"c","image":"%s","command":["true"]}]}}}}}}""".formatted(name, name, image));
        Json.child(cronJob, "spec").setAll(Json.parseObject("{" + more + "}"));
        centre.createRaw(Json.text(cronJob));
    }

    private void change(String name, Consumer<ObjectNode> spec) {
        centre.change(key(name), object -> spec.accept(Json.child(object, "spec")));
    }

    private static ObjectKey key(String name) {
        return ObjectKey.of(Kinds.CRON_JOB, "default", name);
    }

    /** Sets the clock ahead and has the controller look. */
    private void ahead(String name, Duration time) {
        centre.ahead(time);
        looks++;
        centre.change(
                key(name), object -> Json.child(Meta.of(object), "annotations").put("look", Integer.toString(looks)));
    }

    private List<ObjectNode> jobs() {
        return fleet.all(Kinds.JOB);
    }

    private static long minute(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), 60);
    }

    private static Instant slot(ObjectNode job) {
        return Instant.ofEpochSecond(
                Long.parseLong(Meta.name(job).substring(Meta.name(job).lastIndexOf('-') + 1)) * 60);
    }

    private int active(String name) {
        return Json.at(centre.get(Kinds.CRON_JOB, name), "status", "active").size();
    }

    @Test
    void aJobIsMadeForItsMinuteAndCountsItselfInTheStatus() {
        cronJob("tick", "host:/succeeds", "\"timeZone\":\"Asia/Shanghai\"");
        ahead("tick", Duration.ofMinutes(1));

        eventually(() -> assertThat(Json.textAt(centre.get(Kinds.CRON_JOB, "tick"), "status", "lastSuccessfulTime"))
                .isNotEmpty());

        Instant slot = Timestamps.parse(Json.textAt(centre.get(Kinds.CRON_JOB, "tick"), "status", "lastScheduleTime"))
                .orElseThrow();
        ObjectNode job = centre.get(Kinds.JOB, "tick-" + slot.getEpochSecond() / 60);
        assertThat(slot.getEpochSecond() % 60).isZero();
        assertThat(Meta.annotations(job).get("batch.kubernetes.io/cronjob-scheduled-timestamp"))
                .endsWith("+08:00");
        assertThat(Meta.labels(job)).containsEntry("of", "tick");
        assertThat(Meta.ownerReferences(job).getFirst().name()).isEqualTo("tick");
        assertThat(Json.at(job, "spec", "backoffLimit").asInt())
                .as("as a Job that the API took in")
                .isEqualTo(6);
        eventually(() -> assertThat(active("tick")).isZero());
        assertThat(centre.events("SawCompletedJob")).isNotEmpty();
    }

    @Test
    void ofManyMissedTimesTheLastAloneIsMadeUpForAndTheRestIsTold() {
        long begun = minute(Instant.now());
        cronJob("late", "host:/succeeds", "");
        ahead("late", Duration.ofMinutes(150));

        eventually(() -> assertThat(jobs())
                .anySatisfy(job -> assertThat(minute(slot(job))).isGreaterThanOrEqualTo(begun + 150)));

        assertThat(centre.events("TooManyMissedTimes")).hasSize(1);
        assertThat((long) jobs().size()).isBetween(1L, 1 + minute(Instant.now()) - begun);
    }

    @Test
    void aStartingDeadlineLetsOldTimesPass() {
        cronJob("strict", "host:/succeeds", "\"schedule\":\"0 0 1 1 *\",\"startingDeadlineSeconds\":100");
        ahead("strict", Duration.ofDays(366));

        Centre.steadily(Duration.ofMillis(300), () -> assertThat(jobs()).isEmpty());
    }

    @Test
    void forbidWaitsForTheRunThatIsThereAndReplaceEndsIt() {
        cronJob("one", "host:/runs", "\"concurrencyPolicy\":\"Forbid\"");
        ahead("one", Duration.ofMinutes(1));
        eventually(() -> assertThat(active("one")).isEqualTo(1));
        ahead("one", Duration.ofMinutes(2));

        eventually(() -> assertThat(centre.events("JobAlreadyActive")).isNotEmpty());
        assertThat(jobs()).hasSize(1);
        String first = Meta.name(jobs().getFirst());
        change("one", spec -> spec.put("concurrencyPolicy", "Replace"));

        eventually(() -> assertThat(jobs())
                .hasSize(1)
                .allSatisfy(job -> assertThat(Meta.name(job)).isNotEqualTo(first)));
        eventually(() -> assertThat(fleet.pods()).hasSize(1));
    }

    @Test
    void allowRunsThemSideBySideAndTheHistoryIsKeptShort() {
        long begun = minute(Instant.now());
        cronJob("many", "host:/succeeds", "\"successfulJobsHistoryLimit\":2");
        for (int minute = 1; minute <= 4; minute++) {
            int before = minute;
            ahead("many", Duration.ofMinutes(minute));
            eventually(() -> assertThat(centre.events("SuccessfulCreate").stream()
                            .filter(e ->
                                    Json.textAt(e, "involvedObject", "kind").equals("CronJob"))
                            .mapToLong(e -> e.path("count").asInt())
                            .sum())
                    .isBetween(1L, before + minute(Instant.now()) - begun));
            eventually(() -> assertThat(jobs())
                    .allSatisfy(job ->
                            assertThat(Conditions.status(job, "Complete")).isEqualTo("True")));
        }

        eventually(() -> assertThat(jobs()).hasSize(2));
        eventually(() -> assertThat(fleet.pods()).hasSize(2));
    }

    @Test
    void aSuspendedCronJobMakesNothing() {
        cronJob("off", "host:/succeeds", "\"suspend\":true");
        ahead("off", Duration.ofMinutes(3));

        Centre.steadily(Duration.ofMillis(300), () -> assertThat(jobs()).isEmpty());
    }

    /** kubectl create job --from=cronjob/x: upstream warns of it and keeps it out of the active ones. */
    @Test
    void aJobMadeByHandIsNoRunOfTheSchedule() {
        cronJob("hand", "host:/runs", "\"suspend\":true");
        ObjectNode owner = centre.get(Kinds.CRON_JOB, "hand");
        centre.createRaw("""
                {"apiVersion":"batch/v1","kind":"Job","metadata":{"namespace":"default","name":"now",
                   "annotations":{"cronjob.kubernetes.io/instantiate":"manual"},
                   "ownerReferences":[{"apiVersion":"batch/v1","kind":"CronJob","name":"hand","uid":"%s","controller":true}]},
                 "spec":{"suspend":true,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
                   "spec":{"runtimeClassName":"process","hostNetwork":true,"restartPolicy":"Never","containers":[]}}}}""".formatted(Meta.uid(owner)));

        eventually(() -> assertThat(centre.events("UnexpectedJob")).hasSize(1));
        assertThat(active("hand")).isZero();
    }

    /** Of a node that keeps schedules (decision 0025); its agent is the test. */
    private void bound(String name, String more) {
        ObjectNode cronJob = Json.parseObject("""
                {"apiVersion":"batch/v1","kind":"CronJob","metadata":{"namespace":"default","name":"%s"},
                 "spec":{"schedule":"* * * * *","concurrencyPolicy":"Allow","successfulJobsHistoryLimit":1,
                   "jobTemplate":{"spec":{"template":{"spec":{"nodeName":"edge-1","runtimeClassName":"process",
                     "hostNetwork":true,"restartPolicy":"Never",
                     "containers":[{"name":"c","image":"host","command":["true"]}]}}}}}}""".formatted(name));
        Json.child(Json.child(Json.child(cronJob, "spec"), "jobTemplate"), "spec")
                .setAll(Json.parseObject("{" + more + "}"));
        centre.createRaw(Json.text(cronJob));
    }

    private void able(boolean now) {
        centre.resources().mutateStatus(ObjectKey.cluster(Kinds.NODE, "edge-1"), node -> {
            Json.child(Json.child(node, "status"), CronRuns.FEATURES).put(CronRuns.FEATURE, now);
            return node;
        });
    }

    private String keeper(String name) {
        return Json.textAt(centre.get(Kinds.CRON_JOB, name), "status", "nodeName");
    }

    private void madeByNode(String name, Instant slot, boolean complete) {
        ObjectNode job = CronRuns.job(centre.get(Kinds.CRON_JOB, name), slot, "edge-1");
        centre.createRaw(Json.text(job));
        centre.createRaw(Json.text(CronRuns.pod(job, 0)));
        if (complete) {
            centre.resources().mutateStatus(ObjectKey.of(job), object -> {
                Json.child(object, "status")
                        .put("completionTime", slot.plusSeconds(5).toString());
                Conditions.set(object, "Complete", "True", "CompletionsReached", "", slot.plusSeconds(5));
                return object;
            });
        }
    }

    @Test
    void aNodeThatCanKeepsTheScheduleOfWhatIsBoundToItAndTheCentreMakesNoJob() {
        able(true);
        bound("there", "");
        bound("parallel", "\"parallelism\":2,\"suspend\":true");
        eventually(() -> assertThat(keeper("there")).isEqualTo("edge-1"));

        ahead("there", Duration.ofMinutes(3));
        Centre.steadily(
                Duration.ofMillis(300),
                () -> assertThat(jobs()).noneMatch(job -> Meta.name(job).startsWith("there-")));
        assertThat(keeper("parallel")).as("several pods at a time").isEmpty();
    }

    @Test
    void whatANodeRanIsCountedInTheStatusAndTheHistory() {
        able(true);
        bound("there", "");
        eventually(() -> assertThat(keeper("there")).isEqualTo("edge-1"));
        Instant slot = Instant.ofEpochSecond(Instant.now().getEpochSecond() / 60 * 60);
        madeByNode("there", slot.minusSeconds(120), true);
        madeByNode("there", slot.minusSeconds(60), true);
        madeByNode("there", slot, false);

        eventually(() -> assertThat(Json.textAt(centre.get(Kinds.CRON_JOB, "there"), "status", "lastScheduleTime"))
                .isEqualTo(slot.toString()));
        eventually(() -> assertThat(Json.textAt(centre.get(Kinds.CRON_JOB, "there"), "status", "lastSuccessfulTime"))
                .isEqualTo(slot.minusSeconds(55).toString()));
        eventually(() -> assertThat(jobs())
                .as("successfulJobsHistoryLimit 1")
                .extracting(Meta::name)
                .containsExactlyInAnyOrder(
                        CronRuns.name("there", slot.minusSeconds(60)), CronRuns.name("there", slot)));
        assertThat(active("there")).isEqualTo(1);
        Centre.steadily(
                Duration.ofMillis(300),
                () -> assertThat(fleet.pods().stream()
                                .filter(pod -> Meta.name(pod).startsWith(CronRuns.name("there", slot))))
                        .as("pods of the node's own Job")
                        .hasSize(1));
    }

    @Test
    void theCentreKeepsTheScheduleAgainWhenTheNodeNoLongerCan() {
        able(true);
        bound("there", "");
        eventually(() -> assertThat(keeper("there")).isEqualTo("edge-1"));
        able(false);
        eventually(() -> assertThat(keeper("there")).isEmpty());

        ahead("there", Duration.ofMinutes(1));
        eventually(() -> assertThat(jobs()).isNotEmpty());
    }

    @Test
    void podsThatMayNotRunAreNotLeftToTheNode() {
        able(true);
        centre.change(
                ObjectKey.cluster(Kinds.NAMESPACE, "default"),
                namespace -> Json.child(Meta.of(namespace), "labels")
                        .put("pod-security.kubernetes.io/enforce", "restricted"));
        bound("strict", "");
        ahead("strict", Duration.ofMinutes(1));

        eventually(() -> assertThat(jobs()).isNotEmpty());
        assertThat(keeper("strict")).isEmpty();
        eventually(() -> assertThat(centre.events("FailedCreate")).isNotEmpty());
    }
}
