package dev.selvage.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One look at a CronJob's schedule (k8s.io/kubernetes/pkg/controller/cronjob, syncCronJob up to the concurrency policy), the same wherever the schedule is kept:
 * at the centre, or on the node that the CronJob is bound to.
 *
 * @param slot the time to run for now; empty where none is due, or it is too late for it
 * @param next when to look again; empty when no time comes by itself
 * @param zone of the schedule
 * @param told what is worth an Event
 */
public record CronTurn(Optional<Instant> slot, Optional<Instant> next, ZoneId zone, List<Told> told) {
    /** @param reason upstream's */
    public record Told(String reason, String message) {}

    public CronTurn {
        told = List.copyOf(told);
    }

    /**
     * @param last that a run was made for; empty before the first: then the CronJob's creation counts
     */
    public static CronTurn of(ObjectNode cronJob, Optional<Instant> last, Instant now) {
        String zoneName = Json.textAt(cronJob, "spec", "timeZone");
        Optional<ZoneId> zone = CronSchedule.zone(zoneName);
        if (zone.isEmpty()) {
            return idle("UnknownTimeZone", "invalid timeZone: \"" + zoneName + "\": unknown time zone " + zoneName);
        }
        if (Json.at(cronJob, "spec", "suspend").asBoolean(false)) {
            return new CronTurn(Optional.empty(), Optional.empty(), zone.get(), List.of());
        }
        String text = Json.textAt(cronJob, "spec", "schedule");
        try {
            return of(cronJob, CronSchedule.parse(text, zone.get()), zone.get(), last, now);
        } catch (IllegalArgumentException e) {
            return idle("UnparseableSchedule", "unparseable schedule: \"" + text + "\" : " + e.getMessage());
        }
    }

    private static CronTurn idle(String reason, String message) {
        return new CronTurn(Optional.empty(), Optional.empty(), ZoneOffset.UTC, List.of(new Told(reason, message)));
    }

    private static CronTurn of(
            ObjectNode cronJob, CronSchedule schedule, ZoneId zone, Optional<Instant> last, Instant now) {
        Optional<Duration> deadline = deadline(cronJob);
        Instant since =
                last.or(() -> Timestamps.parse(Meta.creationTimestamp(cronJob))).orElse(now);
        // of what was missed before the deadline nothing is made up for
        Instant from = deadline.map(now::minus).filter(since::isBefore).orElse(since);
        CronDue due = CronDue.between(schedule, from, now);
        List<Told> told = new ArrayList<>();
        if (due.tooMany()) {
            told.add(new Told(
                    "TooManyMissedTimes",
                    "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"));
        }
        Optional<Instant> late = due.slot()
                .filter(slot ->
                        deadline.filter(wait -> slot.plus(wait).isBefore(now)).isPresent());
        late.ifPresent(
                slot -> told.add(new Told("MissSchedule", "Missed scheduled time to start a job: " + time(slot))));
        return new CronTurn(late.isPresent() ? Optional.empty() : due.slot(), schedule.next(now), zone, told);
    }

    private static Optional<Duration> deadline(ObjectNode cronJob) {
        return cronJob.path("spec").hasNonNull("startingDeadlineSeconds")
                ? Optional.of(Duration.ofSeconds(
                        Json.at(cronJob, "spec", "startingDeadlineSeconds").asLong()))
                : Optional.empty();
    }

    private static String time(Instant slot) {
        return DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss xxxx", Locale.ENGLISH)
                .format(slot.atZone(ZoneOffset.UTC));
    }
}
