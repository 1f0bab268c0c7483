package dev.selvage.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Device;
import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Timestamps;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a device tells the centre: its connection, and when its status and events go out. Guarded by its {@link
 * DeviceTwin}, except {@link #publish}, which the connection's thread calls without a lock.
 */
final class DeviceStatus {
    private static final int MOST_EVENTS = 16;

    private record Event(String type, String reason, String message) {}

    private record Batch(
            ObjectKey key, String uid, @Nullable ObjectNode status, List<Event> events) {}

    private final Context context;
    private final StatusPace pace;
    private final Deque<Event> events = new ArrayDeque<>();
    private String connected;
    private String reason;
    private String message;
    private long since;
    private String published = "";
    private int signature;
    private boolean valuesChanged;
    private boolean everPublished;
    private boolean doubting;
    private boolean waiting;
    private @Nullable Batch next;

    DeviceStatus(Context context, ObjectNode object) {
        this.context = context;
        pace = new StatusPace(context.config().statusEvery());
        connected = "Unknown";
        reason = "Starting";
        message = "not polled yet";
        JsonNode before = Conditions.find(object, "Connected").orElse(Json.object());
        published = Json.textAt(before, "status");
        since = Timestamps.parse(Json.textAt(before, "lastTransitionTime"))
                .orElse(context.clock().instant())
                .toEpochMilli();
    }

    void connected() {
        change("True", "Answering", "");
    }

    /** Whether the device has answered or was given up. */
    boolean known() {
        return !connected.equals("Unknown");
    }

    /** Nothing is published while a first failure is being looked into: a blip is no news. */
    void doubt() {
        doubting = true;
    }

    void lost(String why, String words) {
        change("False", why, words);
    }

    private void change(String status, String why, String words) {
        boolean first = connected.equals("Unknown") && status.equals(published);
        if (!connected.equals(status) && !first) {
            since = context.nowMillis();
        }
        doubting = false;
        connected = status;
        reason = why;
        message = words;
    }

    void valuesChanged() {
        valuesChanged = true;
    }

    /** Something for people; beyond what one status carries, the oldest is dropped. */
    void event(String type, String why, String words) {
        if (events.size() == MOST_EVENTS) {
            events.removeFirst();
        }
        events.addLast(new Event(type, why, words));
    }

    /** Prepares what {@link #publish} sends, if it is due. */
    void collect(Device device, Collection<PropertyTwin> twins) {
        long now = System.nanoTime();
        boolean changed = changed(twins);
        boolean due = !doubting && !connected.equals("Unknown") && pace.due(changed, valuesChanged, now);
        waiting = changed && !due;
        if (due) {
            pace.published(changed, now);
            signature = signature(twins);
            valuesChanged = false;
            everPublished = true;
            transition(device);
        }
        if (due || !events.isEmpty()) {
            next = new Batch(device.key(), device.uid(), due ? json(device, twins) : null, new ArrayList<>(events));
            events.clear();
        }
    }

    private void transition(Device device) {
        if (connected.equals("False") && !published.equals("False")) {
            event("Warning", "DeviceLost", device.key().name() + ": " + message);
        } else if (connected.equals("True") && published.equals("False")) {
            event("Normal", "DeviceConnected", device.key().name() + " answers again");
        }
        published = connected;
    }

    void publish() {
        Batch batch = next;
        next = null;
        if (batch == null) {
            return;
        }
        ObjectNode status = batch.status;
        if (status != null) {
            Writes.calling(() -> context.listener().status(batch.key, batch.uid, status));
        }
        for (Event event : batch.events) {
            Writes.calling(
                    () -> context.listener().event(batch.key, batch.uid, event.type, event.reason, event.message));
        }
    }

    private boolean changed(Collection<PropertyTwin> twins) {
        return !everPublished || signature != signature(twins);
    }

    private int signature(Collection<PropertyTwin> twins) {
        int hash = connected.hashCode();
        for (PropertyTwin twin : twins) {
            hash = 31 * hash + twin.signature();
        }
        return hash;
    }

    /** When a change that waits may go out; the regular minute is left to the polls. */
    long nextPublish(long now) {
        return waiting && !doubting ? now + Math.max(pace.untilDue(now), 10_000_000L) : Long.MAX_VALUE;
    }

    private ObjectNode json(Device device, Collection<PropertyTwin> twins) {
        ObjectNode status = Json.object();
        status.putArray("conditions")
                .addObject()
                .put("type", "Connected")
                .put("status", connected)
                .put("reason", reason)
                .put("message", message)
                .put("observedGeneration", device.generation())
                .put("lastTransitionTime", Timestamps.millis(since));
        ArrayNode list = status.putArray("properties");
        for (PropertyTwin twin : twins) {
            twin.describe(list.addObject().put("name", twin.name()));
        }
        return status;
    }

    ObjectNode twin(Device device, Collection<PropertyTwin> twins) {
        ObjectNode node = Json.object();
        node.put("namespace", device.key().namespace()).put("name", device.key().name());
        node.put("model", device.model());
        node.put("connected", connected.equals("True")).put("reason", reason).put("message", message);
        node.put("since", Timestamps.millis(since));
        ObjectNode properties = node.putObject("properties");
        for (PropertyTwin twin : twins) {
            ObjectNode property = properties.putObject(twin.name());
            property.put("unit", twin.model.unit());
            twin.describe(property);
            if (twin.model.writable()) {
                property.put("authority", twin.spec.authority().toString());
                twin.spec.desired().ifPresent(wish -> property.set("desired", wish.value()));
            }
        }
        return node;
    }
}
