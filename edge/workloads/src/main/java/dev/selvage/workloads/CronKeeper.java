package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.CronRuns;
import dev.selvage.model.CronTurn;
import dev.selvage.model.JobConditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.NodeRun;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Timestamps;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Keeps the schedule of one CronJob on the node that it is bound to: with a link and without one it is the only one who makes its Jobs. */
final class CronKeeper {
    /** Runs at a time, under concurrencyPolicy Allow. */
    static final int MOST_ACTIVE = 20;
    /** Ended runs that the centre has not heard of, of each outcome. */
    static final int MOST_ENDED = 10;
    /** Those that it may have heard of, and has not made a Job of. */
    static final int MOST_SENT = 14;
    /** Those that others have taken the place of. */
    static final int MOST_REPLACED = 10;

    private final String node;
    private final CronBook book;
    private final CronListener listener;
    private final Map<String, String> told = new HashMap<>();
    private ObjectNode cronJob;
    private Instant looked = Instant.MAX;
    private Instant idleUntil = Instant.MIN;
    private String reported = "";

    CronKeeper(String node, ObjectNode cronJob, CronBook book, CronListener listener) {
        this.node = node;
        this.cronJob = cronJob;
        this.book = book;
        this.listener = listener;
    }

    private ObjectKey key() {
        return ObjectKey.of(Kinds.CRON_JOB, Meta.namespace(cronJob), Meta.name(cronJob));
    }

    List<CronRun> runs() {
        return book.runs();
    }

    /** The CronJob as it is desired now. */
    void desire(ObjectNode desired) {
        if (!desired.equals(cronJob)) {
            cronJob = desired;
            idleUntil = Instant.MIN;
        }
    }

    /**
     * Takes in what the centre has of the runs.
     *
     * @param jobs of this CronJob that this node made, by uid
     * @param pods uids of pods that the centre has
     * @param whole false when some may be missing
     */
    void seen(Map<String, ObjectNode> jobs, Set<String> pods, boolean whole, Instant now) {
        for (CronRun run : book.runs()) {
            ObjectNode job = jobs.get(run.uid());
            run.dropped |= job == null ? whole && run.known : Meta.deleting(job);
            run.known |= job != null;
            run.settled |= job != null && JobConditions.finished(job);
            for (CronAttempt attempt : run.attempts) {
                attempt.present = pods.contains(attempt.uid);
                if (attempt.present) {
                    known(run, attempt);
                } else if (attempt.known && whole && !attempt.gone) {
                    attempt.gone(now);
                }
            }
        }
        jobs.forEach((uid, job) -> adopt(uid, job, pods));
        book.runs().removeIf(CronRun::done);
        book.save();
    }

    private void known(CronRun run, CronAttempt attempt) {
        if (!attempt.known) {
            attempt.known = true;
            if (attempt.status != null) {
                listener.report(ObjectKey.of(run.pod(attempt)), attempt.uid, attempt.status);
            }
        }
    }

    /** A run that this disk knows nothing of any more. */
    private void adopt(String uid, ObjectNode job, Set<String> pods) {
        CronRuns.slot(Meta.name(cronJob), Meta.name(job)).ifPresent(slot -> {
            book.note(slot);
            if (book.run(uid).isPresent() || JobConditions.finished(job) || Meta.deleting(job)) {
                return;
            }
            Instant started =
                    Timestamps.parse(Json.textAt(job, "status", "startTime")).orElse(slot);
            boolean offline = Meta.annotations(job).containsKey(CronRuns.OFFLINE);
            CronRun run = new CronRun(slot, job, started, offline, Meta.generation(cronJob));
            run.known = true;
            int last = -1;
            for (int number = 0; number <= CronRuns.MOST_RETRIES; number++) {
                last = pods.contains(CronRuns.podUid(uid, number)) ? number : last;
            }
            for (int number = 0; number <= last; number++) {
                run.addAttempt();
                CronAttempt attempt = run.attempts.getLast();
                attempt.known = true;
                attempt.present = pods.contains(attempt.uid);
                attempt.gone = !attempt.present;
            }
            if (last >= 0) { // else its pods are yet to come
                book.runs().add(run);
            }
        });
    }

    /** Does what is due; returns whether other pods shall run than before. */
    boolean look(Instant now, boolean linked) {
        boolean changed = advance(now);
        changed |= schedule(now, linked);
        if (linked) {
            linked();
        }
        changed |= forget();
        book.save();
        tell();
        return changed;
    }

    private boolean advance(Instant now) {
        boolean changed = false;
        for (CronRun run : book.runs()) {
            boolean active = run.active();
            if (run.advance(now)) {
                book.next(run);
                changed = true;
            }
            if (active && !run.active()) {
                changed = true;
                idleUntil = Instant.MIN; // which may let the next one begin
            }
        }
        return changed;
    }

    private boolean schedule(Instant now, boolean linked) {
        boolean back = now.isBefore(looked);
        looked = now;
        if (Meta.deleting(cronJob) || (!back && now.isBefore(idleUntil))) {
            return false;
        }
        CronTurn turn = CronTurn.of(cronJob, book.last(cronJob, now), now);
        turn.told().forEach(event -> event("Warning", event.reason(), event.message()));
        boolean begun = turn.slot()
                .filter(slot -> !book.had(slot))
                .map(slot -> start(slot, now, linked))
                .orElse(false);
        idleUntil = turn.next().orElse(Instant.MAX); // not where the disk did not take the run: then with the next look
        return begun;
    }

    private boolean start(Instant slot, Instant now, boolean linked) {
        List<CronRun> active = book.runs().stream().filter(CronRun::active).toList();
        String policy = Json.textAt(cronJob, "spec", "concurrencyPolicy");
        if (policy.equals("Forbid") && !active.isEmpty()) {
            event(
                    "Normal",
                    "JobAlreadyActive",
                    "Not starting job because prior execution is running and concurrency policy is Forbid");
            return false;
        }
        if (!policy.equals("Replace") && active.size() >= MOST_ACTIVE) {
            event("Warning", "TooManyActive", "Not starting job because " + active.size() + " are running on " + node);
            return false;
        }
        CronRun run = new CronRun(slot, CronRuns.job(cronJob, slot, node), now, !linked, Meta.generation(cronJob));
        run.addAttempt();
        book.begin(run);
        if (policy.equals("Replace")) {
            active.forEach(this::replace);
        }
        told.remove("JobAlreadyActive");
        return true;
    }

    private void replace(CronRun run) {
        run.replaced = true;
        run.stop();
        event("Normal", "SuccessfulDelete", "Deleted job " + Meta.name(run.job));
    }

    /**
     * Of runs that the centre does not know the history's limits are the node's to keep. One that it may have heard of is kept for longer: a pod that it makes of it
     * must find that it has run.
     */
    private boolean forget() {
        boolean changed = drop(run -> run.replaced && !run.known && !run.sent, 0);
        changed |= drop(run -> run.replaced, MOST_REPLACED);
        for (boolean complete : new boolean[] {true, false}) {
            JsonNode limit =
                    Json.at(cronJob, "spec", complete ? "successfulJobsHistoryLimit" : "failedJobsHistoryLimit");
            changed |= drop(
                    run -> run.end != null && !run.known && !run.sent && run.complete() == complete,
                    Math.min(limit.asInt(MOST_ENDED), MOST_ENDED));
        }
        return drop(run -> run.end != null && !run.known && run.sent, MOST_SENT) || changed;
    }

    /** Keeps the latest of these. */
    private boolean drop(Predicate<CronRun> which, int keep) {
        List<CronRun> surplus = book.runs().stream()
                .filter(which)
                .sorted(Comparator.comparing((CronRun run) -> run.slot).reversed())
                .skip(keep)
                .toList();
        return book.runs().removeAll(surplus);
    }

    /** What was told goes to the centre now. */
    void linked() {
        book.runs().forEach(run -> run.sent = true);
    }

    private void tell() {
        ObjectNode report = NodeRun.report(book.runs().stream()
                .filter(run -> !run.dropped)
                .limit(NodeRun.MOST)
                .map(CronRun::report)
                .toList());
        String text = Json.text(report);
        if (!text.equals(reported)) {
            reported = text;
            listener.report(key(), Meta.uid(cronJob), report);
        }
    }

    /** The same is not told with every look. */
    private void event(String type, String reason, String message) {
        if (!message.equals(told.put(reason, message))) {
            listener.event(key(), Meta.uid(cronJob), type, reason, message);
        }
    }
}
