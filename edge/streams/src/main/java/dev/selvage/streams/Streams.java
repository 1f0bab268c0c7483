package dev.selvage.streams;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.DeviceReading;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The streams of this node. Thread-safe; {@link #accept} never waits for a disk or a device. */
@SuppressWarnings("DoNotCallSuggester")
public final class Streams implements AutoCloseable {
    private Streams() {}

    /** Restores the windows that were open when the agent stopped; those that ended since are emitted, partial, by the first tick. */
    public static Streams open(
            StreamsConfig config, SampleSink samples, PropertyWriter properties, StreamListener listener) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The whole set of Streams that this node shall run, each with {@code status.plan}; idempotent. */
    public void desired(Collection<ObjectNode> streams) {
        throw new UnsupportedOperationException("not yet");
    }

    public void accept(DeviceReading reading) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Closes windows by the clock, hands rows to the sink, writes the checkpoint; to be called about every 100 ms. */
    public void tick() {
        throw new UnsupportedOperationException("not yet");
    }

    /** The device properties that a running stream reads; empty when no such stream runs. */
    public Optional<Set<String>> inputs(String namespace, String stream) {
        throw new UnsupportedOperationException("not yet");
    }

    public List<StreamSnapshot> snapshot() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Hands on what is ready and writes a last checkpoint. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("not yet");
    }
}
