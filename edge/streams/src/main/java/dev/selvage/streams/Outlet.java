package dev.selvage.streams;

import dev.selvage.model.WriteAuthority;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.Sink;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where one stream's rows go: a bounded queue towards the uplink, or writes to properties on change and at a refresh. */
final class Outlet {
    private final Query query;
    private final StreamRun.Identity identity;
    private final StreamsConfig config;
    private final PropertyWriter properties;
    private final WriteAuthority authority;
    private final Deque<Row> queue = new ArrayDeque<>();
    private final List<Row> inFlight = new ArrayList<>();
    private long rows;
    private long writes;
    private long dropped;
    private String refusal = "";

    Outlet(Query query, StreamRun.Identity identity, StreamsConfig config, PropertyWriter properties) {
        this.query = query;
        this.identity = identity;
        this.config = config;
        this.properties = properties;
        authority = WriteAuthority.stream(identity.name());
    }

    void emit(Keys.Key key, Frame frame, long start, long end, boolean partial) {
        switch (query.plan.sink()) {
            case Sink.Uplink(String lane) -> enqueue(key, frame, lane, start, end, partial);
            case Sink.Property _ -> write(key, frame, end);
        }
    }

    private void enqueue(Keys.Key key, Frame frame, String lane, long start, long end, boolean partial) {
        Map<String, Double> values = new LinkedHashMap<>();
        List<Plan.Output> outputs = query.plan.values();
        for (int i = 0; i < outputs.size(); i++) {
            switch (query.value(i, frame)) {
                case Boolean truth -> values.put(outputs.get(i).name(), truth ? 1.0 : 0.0);
                case Number number -> values.put(outputs.get(i).name(), number.doubleValue());
                case null, default -> {}
            }
        }
        if (!values.isEmpty()) {
            offer(new Row(lane, identity.namespace(), identity.source(), key.device, start, end, partial, values));
        }
    }

    /** A full queue loses its oldest row: what is new matters more. */
    void offer(Row row) {
        if (queue.size() + inFlight.size() >= config.maxQueuedRows()) {
            dropped++;
            if (queue.pollFirst() == null) {
                return;
            }
        }
        queue.addLast(row);
        rows++;
    }

    private void write(Keys.Key key, Frame frame, long at) {
        List<Plan.Output> outputs = query.plan.values();
        for (int i = 0; i < outputs.size(); i++) {
            @Nullable Object value = query.value(i, frame);
            boolean due =
                    value != null && (!value.equals(key.written[i]) || at >= key.refreshAt[i] || stepped(key, i, at));
            if (due && value != null) {
                String property = outputs.get(i).name();
                key.written[i] = value;
                key.refreshAt[i] = at
                        + properties
                                .refresh(identity.namespace(), key.device, property)
                                .toMillis();
                write(key.device, property, value, at + config.writeValidity().toMillis());
            }
        }
    }

    /** Whether the clock fell back so far that the refresh would wait for ever. */
    private boolean stepped(Keys.Key key, int i, long at) {
        return key.refreshAt[i] - at > config.lookAhead().toMillis();
    }

    private void write(String device, String property, Object value, long validUntil) {
        try {
            writes++;
            String refused = properties.write(identity.namespace(), device, property, value, authority, validUntil);
            refusal = refused.isEmpty() ? "" : "property " + property + " of " + device + ": " + refused;
        } catch (RuntimeException e) {
            refusal = "property " + property + " of " + device + ": " + e;
        }
    }

    /** Whether rows were appended whose sync has not succeeded yet; they must not be appended again. */
    boolean waitingForSync() {
        return !inFlight.isEmpty();
    }

    /** Moves the queue in front of the sink. */
    List<Row> take() {
        inFlight.addAll(queue);
        queue.clear();
        return List.copyOf(inFlight);
    }

    /** The sink took only the first rows; the rest is offered again. */
    void putBack(int taken, RuntimeException why) {
        List<Row> rest = inFlight.subList(taken, inFlight.size());
        for (Row row : rest.reversed()) {
            queue.addFirst(row);
        }
        rest.clear();
        refusal = "the uplink does not take rows: " + why.getMessage();
    }

    /** What was taken is durable; the number of rows. */
    int synced() {
        int n = inFlight.size();
        inFlight.clear();
        if (n > 0 && query.plan.sink() instanceof Sink.Uplink && queue.isEmpty()) {
            refusal = "";
        }
        return n;
    }

    /** Rows that are not durable yet, oldest first. */
    List<Row> waiting() {
        List<Row> all = new ArrayList<>(inFlight);
        all.addAll(queue);
        return all;
    }

    boolean idle() {
        return queue.isEmpty() && inFlight.isEmpty();
    }

    long rows() {
        return rows;
    }

    long writes() {
        return writes;
    }

    long dropped() {
        return dropped;
    }

    /** Why the last write was refused; empty when it was not. */
    String refusal() {
        return refusal;
    }
}
