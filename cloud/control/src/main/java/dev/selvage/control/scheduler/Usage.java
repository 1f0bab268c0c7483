package dev.selvage.control.scheduler;

import dev.selvage.control.scheduler.SchedulablePod.HostPort;
import dev.selvage.model.ObjectKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** What the pods bound to one node take of it. Not thread-safe: the scheduler's own thread keeps it. */
final class Usage {
    private final Map<ObjectKey, SchedulablePod> pods = new HashMap<>();
    private final Map<HostPort, ObjectKey> ports = new HashMap<>();
    private Requests sum = Requests.NONE;
    private Requests scored = Requests.NONE;

    void add(SchedulablePod pod) {
        remove(pod.key());
        pods.put(pod.key(), pod);
        sum = sum.plus(pod.requests());
        scored = scored.plus(pod.wants().scored());
        pod.wants().hostPorts().forEach(port -> ports.put(port, pod.key()));
    }

    void remove(ObjectKey key) {
        SchedulablePod pod = pods.remove(key);
        if (pod != null) {
            sum = sum.minus(pod.requests());
            scored = scored.minus(pod.wants().scored());
            pod.wants().hostPorts().forEach(port -> ports.remove(port, key));
        }
    }

    /** For what-if: nothing that is done to the copy shows here. */
    Usage copy() {
        Usage copy = new Usage();
        copy.pods.putAll(pods);
        copy.ports.putAll(ports);
        copy.sum = sum;
        copy.scored = scored;
        return copy;
    }

    Requests sum() {
        return sum;
    }

    /** What scores count: see {@link Requests#scored}. */
    Requests scored() {
        return scored;
    }

    int pods() {
        return pods.size();
    }

    Collection<SchedulablePod> all() {
        return pods.values();
    }

    boolean takes(HostPort port) {
        return ports.containsKey(port);
    }
}
