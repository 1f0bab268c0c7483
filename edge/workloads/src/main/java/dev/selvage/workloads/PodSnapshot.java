package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ObjectKey;
import java.util.List;

/**
 * One pod at this moment, for the node's own people.
 *
 * @param status the PodStatus last reported
 */
public record PodSnapshot(ObjectKey key, String uid, ObjectNode status, List<Container> containers) {
    /**
     * @param attempt of the current run, -1 before the first
     * @param previous whether there was a run before it
     * @param pid of the main process on the host, 0 when none runs
     * @param restarts upstream's restartCount
     * @param logBytes output kept on disk
     */
    public record Container(String name, int attempt, boolean previous, long pid, int restarts, long logBytes) {}
}
