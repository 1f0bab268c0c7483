package dev.selvage.session;

import com.google.protobuf.ByteString;
import dev.selvage.link.Event;
import dev.selvage.link.Gone;
import dev.selvage.link.ObjectRef;
import dev.selvage.link.Report;
import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the node has to tell and the centre has not stored yet: one status per object, the latest, kept until it is acknowledged; and events, of which the oldest
 * are dropped beyond {@link #MAX_EVENTS}. Objects are bounded by the slice, and by {@link #MAX_OBJECTS} should an agent run wild: a report for one more is dropped.
 */
final class PendingReports {
    static final int MAX_EVENTS = 1_000;
    static final int MAX_OBJECTS = 20_000;
    static final int MAX_BATCH = 128;
    static final int MAX_BATCH_BYTES = 512 * 1024;
    static final int MAX_REPORT_BYTES = 1024 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final Map<ObjectKey, Report> states = new LinkedHashMap<>();
    private final ArrayDeque<Report> events = new ArrayDeque<>();
    private final Map<Long, List<Report>> inFlight = new LinkedHashMap<>();
    private long sequence;
    private long dropped;

    void status(StatusReport report) {
        byte[] json = Json.bytes(report.status());
        if (json.length > MAX_REPORT_BYTES) {
            throw new IllegalArgumentException("status of " + report.key() + ": found " + json.length
                    + " bytes, accepted are " + MAX_REPORT_BYTES);
        }
        state(report.key(), about(report.key(), report.uid()).setStatus(ByteString.copyFrom(json)));
    }

    void gone(ObjectKey key, String uid) {
        state(key, about(key, uid).setGone(Gone.getDefaultInstance()));
    }

    private void state(ObjectKey key, Report.Builder report) {
        lock.lock();
        try {
            if (states.size() >= MAX_OBJECTS && !states.containsKey(key)) {
                dropped++;
                return;
            }
            states.put(key, report.build());
            added.signal();
        } finally {
            lock.unlock();
        }
    }

    void event(NodeEvent event) {
        Report report = about(event.key(), event.uid())
                .setEvent(Event.newBuilder()
                        .setWarning(event.warning())
                        .setReason(event.reason())
                        .setMessage(event.message()
                                .substring(0, Math.min(1024, event.message().length())))
                        .setAtMillis(event.at().toEpochMilli())
                        .setCount(1))
                .build();
        lock.lock();
        try {
            if (events.size() >= MAX_EVENTS) {
                events.removeFirst();
                dropped++;
            }
            events.addLast(report);
            added.signal();
        } finally {
            lock.unlock();
        }
    }

    /** A new session: what the old one had not acknowledged is to be told again, unless there is newer. */
    void restart() {
        lock.lock();
        try {
            inFlight.values().forEach(batch -> batch.forEach(this::restore));
            inFlight.clear();
            added.signal();
        } finally {
            lock.unlock();
        }
    }

    private void restore(Report report) {
        if (report.hasEvent()) {
            if (events.size() < MAX_EVENTS) {
                events.addFirst(report);
            }
        } else {
            states.putIfAbsent(Refs.key(report.getObject()), report);
        }
    }

    /** Waits for something to tell and for room in the window; an empty batch when the time is over. */
    Batch next(int window, long waitMillis) throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(waitMillis);
            while (true) {
                List<Report> reports = inFlight.size() < window ? take() : List.of();
                if (!reports.isEmpty()) {
                    inFlight.put(++sequence, reports);
                    return new Batch(sequence, reports);
                }
                if (left <= 0) {
                    return new Batch(0, List.of());
                }
                left = added.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private List<Report> take() {
        List<Report> reports = new ArrayList<>();
        int bytes = 0;
        var iterator = states.values().iterator();
        while (iterator.hasNext() && reports.size() < MAX_BATCH && bytes < MAX_BATCH_BYTES) {
            Report report = iterator.next();
            // A batch in flight may be committed after this one: one object is in one batch at a time.
            if (!flying(report.getObject())) {
                reports.add(report);
                bytes += report.getSerializedSize();
                iterator.remove();
            }
        }
        while (!events.isEmpty() && reports.size() < MAX_BATCH && bytes < MAX_BATCH_BYTES) {
            Report event = events.removeFirst();
            reports.add(event);
            bytes += event.getSerializedSize();
        }
        return reports;
    }

    private boolean flying(ObjectRef object) {
        return inFlight.values().stream()
                .anyMatch(batch -> batch.stream()
                        .anyMatch(r -> !r.hasEvent() && r.getObject().equals(object)));
    }

    void acknowledge(long stored) {
        lock.lock();
        try {
            inFlight.remove(stored);
            added.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing waits and nothing is in flight. */
    boolean isEmpty() {
        lock.lock();
        try {
            return states.isEmpty() && events.isEmpty() && inFlight.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    int states() {
        lock.lock();
        try {
            return states.size();
        } finally {
            lock.unlock();
        }
    }

    int events() {
        lock.lock();
        try {
            return events.size();
        } finally {
            lock.unlock();
        }
    }

    long dropped() {
        lock.lock();
        try {
            return dropped;
        } finally {
            lock.unlock();
        }
    }

    private static Report.Builder about(ObjectKey key, String uid) {
        return Report.newBuilder().setObject(Refs.of(key)).setUid(uid);
    }

    /** Reports that travel together. */
    record Batch(long sequence, List<Report> reports) {
        Batch {
            reports = List.copyOf(reports);
        }
    }
}
