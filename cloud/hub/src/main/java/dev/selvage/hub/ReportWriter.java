package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.link.HubMessage;
import dev.selvage.link.ObjectRef;
import dev.selvage.link.RefusedReport;
import dev.selvage.link.Report;
import dev.selvage.link.Reports;
import dev.selvage.link.ReportsStored;
import dev.selvage.model.Admission;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Leases;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.store.StoreUnavailableException;
import dev.selvage.store.Stored;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what one node reports. The reports of a batch are written at the same time, so that they share commits, and acknowledged together. While the database is
 * away the batch waits, the window stays full, and the node coalesces what it has to tell.
 */
final class ReportWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ReportWriter.class);
    static final int WINDOW = 4;
    private static final int MAX_REPORTS = 1_000;
    /** Windows of honest nodes, whose batches have 512 KiB and one report of 1 MiB at most. */
    private static final long MAX_BYTES = 6 * 1024 * 1024;

    private static final int MAX_NAME = 253;
    private static final int AT_ONCE = 128;
    private static final int PER_SECOND = 500;
    private static final Duration SHARE = Duration.ofMillis(250);
    /** A minute of waiting: a node that has just come with 20,000 objects needs less. */
    private static final int LONG = 240;

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration FRESHEN = Duration.ofSeconds(2);

    private final String node;
    private final long epoch;
    private final Leases leases;
    private final Resources resources;
    private final Ownership ownership;
    private final EventWriter events;
    private final RunWriter runs;
    private final NodeConnection connection;
    private volatile boolean superseded;
    private final Inbox<Reports> batches = new Inbox<>(WINDOW, MAX_BYTES);
    private final RateLimit rate = new RateLimit(PER_SECOND);
    private final Offences offences;
    private long latest;
    private int waits;

    ReportWriter(
            String node,
            long epoch,
            Leases leases,
            Resources resources,
            Admission admission,
            SliceIndex index,
            NodeConnection connection,
            int eventsPerSecond,
            Offences offences) {
        this.node = node;
        this.epoch = epoch;
        this.leases = leases;
        this.resources = resources;
        this.ownership = new Ownership(node, index, offences);
        this.events = new EventWriter(node, resources, eventsPerSecond, offences);
        this.runs = new RunWriter(node, resources, admission, ownership, offences);
        this.offences = offences;
        this.connection = connection;
    }

    /** @throws PeerException when the node sends more than the window, or more in one batch than is allowed */
    void accept(Reports reports) throws PeerException {
        if (reports.getReportsCount() > MAX_REPORTS) {
            throw PeerException.caught(
                    Offence.FLOOD, "a batch of " + reports.getReportsCount() + " reports, accepted are " + MAX_REPORTS);
        }
        if (reports.getSequence() <= latest) {
            throw PeerException.caught(Offence.REPLAY, "reports " + reports.getSequence() + " after reports " + latest);
        }
        latest = reports.getSequence();
        Set<ObjectRef> states = new HashSet<>();
        for (Report report : reports.getReportsList()) {
            named(report.getObject());
            if (!report.hasEvent() && !states.add(report.getObject())) {
                throw PeerException.caught(
                        Offence.FLOOD, "two reports about " + Refs.key(report.getObject()) + " in one batch");
            }
        }
        if (!batches.offer(reports)) {
            throw PeerException.caught(
                    Offence.FLOOD,
                    "more than the window of " + WINDOW + " unacknowledged batches of reports, or of " + MAX_BYTES
                            + " bytes of them");
        }
    }

    private static void named(ObjectRef object) throws PeerException {
        int longest = Math.max(
                object.getResource().length(),
                Math.max(object.getNamespace().length(), object.getName().length()));
        if (longest > MAX_NAME) {
            throw PeerException.caught(
                    Offence.PROTOCOL, "a name of " + longest + " characters, accepted are " + MAX_NAME);
        }
    }

    /** The session has ended: what is not written yet is told again. */
    void close() {
        batches.close();
    }

    /** Writes until interrupted or the connection fails. */
    void run() throws IOException, InterruptedException {
        while (true) {
            Reports batch = batches.take();
            current();
            List<RefusedReport> refused = write(batch.getReportsList());
            if (superseded) {
                throw PeerException.close("the node has a later session");
            }
            connection.send(HubMessage.newBuilder()
                    .setReportsStored(ReportsStored.newBuilder()
                            .setSequence(batch.getSequence())
                            .addAllRefused(refused))
                    .build());
        }
    }

    /** A half-open session of another hub may hold reports that are older than what the node's present session told. */
    private void current() throws IOException, InterruptedException {
        while (true) {
            try {
                if (leases.epoch(node) != epoch) {
                    throw PeerException.close("the node has a later session");
                }
                return;
            } catch (StoreUnavailableException e) {
                LOG.warn("reports of node {} wait for the store: {}", node, e.getMessage());
                batches.pause(PAUSE);
            }
        }
    }

    /** Some at a time, and no more than the node's share in a second: a full window holds the node back, which coalesces what it has to tell. */
    private List<RefusedReport> write(List<Report> reports) throws IOException, InterruptedException {
        List<RefusedReport> refused = new ArrayList<>();
        for (int from = 0; from < reports.size(); from += AT_ONCE) {
            List<Report> some = reports.subList(from, Math.min(from + AT_ONCE, reports.size()));
            for (int i = 0; i < some.size(); i++) {
                share();
            }
            refused.addAll(writeAtOnce(some));
        }
        return refused;
    }

    private void share() throws IOException, InterruptedException {
        while (!rate.tryTake()) {
            if (++waits % LONG == 0) {
                offences.noted(node, Offence.FLOOD, "more than " + PER_SECOND + " reports a second, for long");
            }
            batches.pause(SHARE);
        }
    }

    private List<RefusedReport> writeAtOnce(List<Report> reports) throws InterruptedException {
        List<RefusedReport> refused = new ArrayList<>();
        List<Thread> writers = new ArrayList<>();
        for (Report report : reports) {
            writers.add(Thread.ofVirtual()
                    .unstarted(() -> writeOne(report).ifPresent(reason -> {
                        synchronized (refused) {
                            refused.add(RefusedReport.newBuilder()
                                    .setObject(report.getObject())
                                    .setReason(reason)
                                    .build());
                        }
                    })));
        }
        try {
            writers.forEach(Thread::start);
            for (Thread writer : writers) {
                writer.join();
            }
        } catch (InterruptedException e) {
            writers.forEach(Thread::interrupt);
            throw e;
        }
        synchronized (refused) {
            return List.copyOf(refused);
        }
    }

    /** Why the report is refused for good; empty when it is stored. */
    private Optional<String> writeOne(Report report) {
        ObjectKey key = Refs.key(report.getObject());
        while (true) {
            try {
                Optional<String> refused = switch (report.getReportCase()) {
                    case STATUS -> status(key, report);
                    case GONE -> gone(key, report.getUid());
                    case EVENT -> events.write(key, report.getUid(), report.getEvent(), ownership);
                    case REPORT_NOT_SET -> Optional.of("it says nothing");
                };
                refused.ifPresent(reason -> LOG.debug("report of node {} about {} refused: {}", node, key, reason));
                return refused;
            } catch (InterruptedException e) {
                return Optional.of("the session ended");
            } catch (StoreUnavailableException e) {
                LOG.warn("report of node {} about {} waits for the store: {}", node, key, e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("report of node {} about {} could not be written", node, key, e);
                return Optional.of("the centre could not write it: " + e.getMessage());
            }
            try {
                batches.pause(PAUSE);
            } catch (IOException | InterruptedException e) {
                return Optional.of("the session ended");
            }
            if (superseded()) {
                return Optional.of("the session ended");
            }
        }
    }

    /** After a wait: what this report says may be older than what a later session has told meanwhile. */
    private boolean superseded() {
        try {
            superseded |= leases.epoch(node) != epoch;
        } catch (StoreUnavailableException e) {
            LOG.debug("the epoch of node {} waits for the store: {}", node, e.getMessage());
        }
        return superseded;
    }

    private Optional<String> status(ObjectKey key, Report report) throws InterruptedException {
        ObjectNode status;
        try {
            status = Json.parseObject(report.getStatus().toByteArray());
        } catch (JsonException e) {
            return Optional.of("its status is not a JSON object: " + e.getMessage());
        }
        if (key.resource().equals(Kinds.CRON_JOB.id())) {
            return runs.write(key, report.getUid(), status);
        }
        try {
            Outcome outcome = resources.mutateStatus(key, object -> {
                ownership.objection(key, report.getUid(), object).ifPresent(reason -> {
                    throw new ObjectionException(reason);
                });
                return StatusMerge.into(object, key, node, status);
            });
            return switch (outcome) {
                case Outcome.NotFound _ -> Optional.of("there is no such object");
                case Outcome.Invalid(String message) -> Optional.of(message);
                case Outcome.Conflict _ -> Optional.of("others changed it all the time");
                case Outcome.Committed _, Outcome.Unchanged _, Outcome.WouldCommit _, Outcome.AlreadyExists _ ->
                    Optional.empty();
            };
        } catch (ObjectionException e) {
            return Optional.of(e.reason);
        }
    }

    private Optional<String> gone(ObjectKey key, String uid) {
        if (!key.resource().equals(Kinds.POD.id())) {
            return Optional.of("only pods are confirmed to be gone");
        }
        Optional<Stored> stored = resources.get(key);
        if (stored.isEmpty() || !stored.get().uid().equals(uid)) {
            return Optional.empty();
        }
        ObjectNode pod = stored.get().parse();
        Optional<String> objection = ownership.objection(key, uid, pod);
        if (objection.isPresent()) {
            return objection;
        }
        if (!Meta.deleting(pod) && resources.freshen(FRESHEN)) {
            pod = resources.get(key).map(Stored::parse).orElse(pod);
        }
        if (!Meta.deleting(pod)) {
            return Optional.of("nobody has deleted it");
        }
        resources.delete(key, DeleteOptions.now(uid));
        return Optional.empty();
    }

    /** Ends a read-modify-write. */
    private static final class ObjectionException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String reason;

        ObjectionException(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }
    }
}
