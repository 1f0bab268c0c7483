package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Toleration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the scheduler needs of a pod.
 *
 * @param nodeName "" while the pod is not bound
 * @param finished phase Succeeded or Failed: the pod holds no resources any more
 * @param runtime the runtimeClassName, or {@value #DEFAULT_RUNTIME} where the pod names none
 */
record SchedulablePod(
        ObjectKey key,
        String uid,
        String nodeName,
        boolean finished,
        boolean deleting,
        Requests requests,
        Map<String, String> nodeSelector,
        List<Toleration> tolerations,
        String runtime,
        Set<HostPort> hostPorts,
        int priority) {

    static final String DEFAULT_RUNTIME = "container";

    /** A port of the node that a pod takes for itself; two pods on a node cannot have the same. */
    record HostPort(String protocol, int port) {}

    SchedulablePod {
        nodeSelector = Map.copyOf(nodeSelector);
        tolerations = List.copyOf(tolerations);
        hostPorts = Set.copyOf(hostPorts);
    }

    static SchedulablePod of(ObjectKey key, ObjectNode pod) {
        JsonNode spec = pod.path("spec");
        String phase = pod.path("status").path("phase").asText("");
        return new SchedulablePod(
                key,
                Meta.uid(pod),
                spec.path("nodeName").asText(""),
                phase.equals("Succeeded") || phase.equals("Failed"),
                Meta.deleting(pod),
                Requests.of(spec),
                selector(spec),
                tolerations(spec),
                spec.path("runtimeClassName").asText(DEFAULT_RUNTIME),
                hostPorts(spec),
                spec.path("priority").asInt(0));
    }

    /** The same pod, bound. */
    SchedulablePod on(String node) {
        return new SchedulablePod(
                key, uid, node, finished, deleting, requests, nodeSelector, tolerations, runtime, hostPorts, priority);
    }

    boolean holdsResources() {
        return !nodeName.isEmpty() && !finished;
    }

    boolean wantsNode() {
        return nodeName.isEmpty() && !finished && !deleting;
    }

    private static Map<String, String> selector(JsonNode spec) {
        return Meta.strings(spec.path("nodeSelector"));
    }

    private static List<Toleration> tolerations(JsonNode spec) {
        List<Toleration> tolerations = new ArrayList<>();
        spec.path("tolerations").forEach(toleration -> tolerations.add(Toleration.of(toleration)));
        return tolerations;
    }

    private static Set<HostPort> hostPorts(JsonNode spec) {
        Set<HostPort> ports = new HashSet<>();
        for (JsonNode container : spec.path("containers")) {
            for (JsonNode port : container.path("ports")) {
                int number = port.path("hostPort").asInt(0);
                if (number > 0) {
                    ports.add(new HostPort(port.path("protocol").asText("TCP"), number));
                }
            }
        }
        return ports;
    }
}
