package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;
import java.util.List;

/**
 * The pods of this node. Constructing it reads what is on disk and changes nothing; {@link #desired} begins the work.
 *
 * <p>{@link #close} ends the threads and leaves every container running; the next instance with the same home adopts
 * them.
 */
@SuppressWarnings("DoNotCallSuggester") // bodies follow
public final class Pods implements AutoCloseable {
    public Pods(PodsConfig config, List<PodRuntime> runtimes, Configs configs, PodListener listener) {
        throw new UnsupportedOperationException();
    }

    /**
     * The whole set of pods that belong here. Pods that run and are not in it end with their grace period; pods with a
     * deletionTimestamp too. Idempotent; returns at once.
     */
    public void desired(Collection<ObjectNode> pods) {
        throw new UnsupportedOperationException();
    }

    /** ConfigMaps or Secrets have changed: mounted ones are brought up to date, waiting pods try again. */
    public void configsChanged() {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes a container's output; with follow it returns when the container has ended or {@code out} fails.
     *
     * @throws LogsUnavailableException when there is nothing of that name
     */
    public void logs(LogRequest request, OutputStream out) throws IOException {
        throw new UnsupportedOperationException();
    }

    public List<PodSnapshot> snapshot() {
        throw new UnsupportedOperationException();
    }

    /** What each runtime can do here: why limits are not enforced, why it cannot run at all. */
    public List<PodRuntime> runtimes() {
        throw new UnsupportedOperationException();
    }

    /** State that could not be read and was set aside, in words for the node's conditions; empty when all was well. */
    public List<String> faults() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
