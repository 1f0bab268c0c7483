package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.devices.DeviceListener;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.ObjectKey;
import dev.selvage.streams.Streams;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Readings go to the streams and to whoever watches on the node; statuses and events to the centre. */
record DeviceReports(Statuses statuses, EventFeed feed, Supplier<Optional<Streams>> streams, Consumer<String> faults)
        implements DeviceListener {
    @Override
    public void reading(DeviceReading reading) {
        streams.get().ifPresent(s -> s.accept(reading));
        feed.reading(reading);
    }

    @Override
    public void status(ObjectKey key, String uid, ObjectNode status) {
        statuses.report(key, uid, status);
    }

    @Override
    public void event(ObjectKey key, String uid, String type, String reason, String message) {
        statuses.event(key, uid, type, reason, message);
    }

    @Override
    public void damaged(String what) {
        faults.accept(what + "; a write of the centre that is still valid may be carried out once more");
    }
}
