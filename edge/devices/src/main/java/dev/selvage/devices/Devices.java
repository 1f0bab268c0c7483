package dev.selvage.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The devices of this node: polls them, keeps their twins, executes writes. */
@SuppressWarnings("DoNotCallSuggester")
public final class Devices implements AutoCloseable {
    private Devices() {}

    public static Devices open(
            DevicesConfig config, List<Driver> drivers, Authorities authorities, DeviceListener listener)
            throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * The whole set of Devices that this node shall run, with the DeviceModels by name; idempotent.
     */
    public void desired(Collection<ObjectNode> devices, Map<String, ObjectNode> models) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Takes a write up, or says at once why not; never blocks. What becomes of it is in the twin and in the status. */
    public WriteOutcome write(WriteRequest request) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Writes and waits for the outcome, at most for {@code patience}; then it is still pending. */
    public WriteOutcome writeAndWait(WriteRequest request, Duration patience) throws InterruptedException {
        throw new UnsupportedOperationException("not yet");
    }

    /** The twin of every device, as {@link #twin}. */
    public List<ObjectNode> snapshot() {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * The twin of a device: {@code {namespace, name, model, connected, reason, properties: {NAME: {value, quality, at,
     * unit, desired, write}}, polls, failures}}.
     */
    public Optional<ObjectNode> twin(String namespace, String device) {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void close() {}
}
