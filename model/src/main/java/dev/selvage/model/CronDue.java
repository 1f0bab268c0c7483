package dev.selvage.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Which time of a schedule is due (k8s.io/kubernetes/pkg/controller/cronjob/utils.go, mostRecentScheduleTime): of several
 * that were missed the latest alone.
 *
 * @param slot the latest time that has come; empty where none has since the last
 * @param tooMany whether more than {@value #MANY} were missed
 */
record CronDue(Optional<Instant> slot, boolean tooMany) {
    static final int MANY = 100;

    private static final CronDue NONE = new CronDue(Optional.empty(), false);

    /**
     * @param since of the last run, or the CronJob's creation
     * @param now the present
     */
    static CronDue between(CronSchedule schedule, Instant since, Instant now) {
        Optional<Instant> first = schedule.next(since);
        if (first.isEmpty() || now.isBefore(first.get())) {
            return NONE;
        }
        Optional<Instant> second = schedule.next(first.get());
        if (second.isEmpty() || now.isBefore(second.get())) {
            return new CronDue(first, false);
        }
        // as upstream: the distance of the first two estimates the number, and where to look for the last
        Duration step = Duration.between(first.get(), second.get());
        long missed = Duration.between(first.get(), now).dividedBy(step) + 1;
        Instant from = first.get().plus(step.multipliedBy(missed - 2));
        return new CronDue(Optional.of(latest(schedule, first.get(), from, step, now)), missed > MANY);
    }

    /** Where the schedule has gaps, such as weekends, the estimate lies in one: then further back. */
    private static Instant latest(CronSchedule schedule, Instant first, Instant from, Duration step, Instant now) {
        Instant latest = first;
        Instant begin = from;
        for (Duration back = step; latest.equals(first); back = back.multipliedBy(2)) {
            boolean all = !begin.isAfter(first);
            for (Optional<Instant> next = schedule.next(all ? first : begin);
                    next.isPresent() && !next.get().isAfter(now);
                    next = schedule.next(next.get())) {
                latest = next.get();
            }
            if (all) {
                break;
            }
            begin = begin.minus(back);
        }
        return latest;
    }
}
