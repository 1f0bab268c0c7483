package dev.selvage.control.scheduler;

import dev.selvage.control.scheduler.SchedulablePod.HostPort;
import dev.selvage.model.ObjectKey;
import java.util.HashMap;
import java.util.Map;

/** What the pods bound to one node take of it. Not thread-safe: the scheduler's own thread keeps it. */
final class Usage {
    private final Map<ObjectKey, SchedulablePod> pods = new HashMap<>();
    private final Map<HostPort, ObjectKey> ports = new HashMap<>();
    private Requests sum = Requests.NONE;

    void add(SchedulablePod pod) {
        remove(pod.key());
        pods.put(pod.key(), pod);
        sum = sum.plus(pod.requests());
        pod.hostPorts().forEach(port -> ports.put(port, pod.key()));
    }

    void remove(ObjectKey key) {
        SchedulablePod pod = pods.remove(key);
        if (pod != null) {
            sum = sum.minus(pod.requests());
            pod.hostPorts().forEach(port -> ports.remove(port, key));
        }
    }

    Requests sum() {
        return sum;
    }

    int pods() {
        return pods.size();
    }

    boolean takes(HostPort port) {
        return ports.containsKey(port);
    }
}
