package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
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
 * @param since when it started, or else was created, as RFC 3339; of equals the youngest is preempted first
 * @param priority what admission made of its priority class
 * @param nominatedNode where room is being made for it, or ""
 * @param wants what nodes are judged by; the same for all pods of one template
 */
record SchedulablePod(
        ObjectKey key,
        String uid,
        String nodeName,
        boolean finished,
        boolean deleting,
        String since,
        String nominatedNode,
        int priority,
        Wants wants) {

    static final String DEFAULT_RUNTIME = "container";

    /** A port of the node that a pod takes for itself; two pods on a node cannot have the same. */
    record HostPort(String protocol, int port) {}

    /**
     * @param runtime the runtimeClassName, or {@value #DEFAULT_RUNTIME} where the pod names none
     * @param preempts whether it may have others removed: preemptionPolicy is not Never
     * @param images of its containers, with a tag
     */
    record Wants(
            Map<String, String> labels,
            Requests requests,
            Requests scored,
            Map<String, String> nodeSelector,
            List<Toleration> tolerations,
            String runtime,
            Set<HostPort> hostPorts,
            boolean preempts,
            List<String> images,
            Placement placement) {
        Wants {
            labels = Map.copyOf(labels);
            nodeSelector = Map.copyOf(nodeSelector);
            tolerations = List.copyOf(tolerations);
            hostPorts = Set.copyOf(hostPorts);
            images = List.copyOf(images);
        }
    }

    static SchedulablePod of(ObjectKey key, ObjectNode pod) {
        JsonNode spec = pod.path("spec");
        String phase = Json.textAt(pod, "status", "phase");
        String started = Json.textAt(pod, "status", "startTime");
        return new SchedulablePod(
                key,
                Meta.uid(pod),
                Json.textAt(spec, "nodeName"),
                phase.equals("Succeeded") || phase.equals("Failed"),
                Meta.deleting(pod),
                started.isEmpty() ? Meta.creationTimestamp(pod) : started,
                Json.textAt(pod, "status", "nominatedNodeName"),
                spec.path("priority").asInt(0),
                wants(spec, key.namespace(), Meta.labels(pod)));
    }

    private static Wants wants(JsonNode spec, String namespace, Map<String, String> labels) {
        return new Wants(
                labels,
                Requests.of(spec),
                Requests.scored(spec),
                Meta.strings(spec.path("nodeSelector")),
                tolerations(spec),
                spec.path("runtimeClassName").asText(DEFAULT_RUNTIME),
                hostPorts(spec),
                !Json.textAt(spec, "preemptionPolicy").equals("Never"),
                Images.of(spec),
                Placement.of(spec, namespace, labels));
    }

    /** The same pod, bound. */
    SchedulablePod on(String node) {
        return new SchedulablePod(key, uid, node, finished, deleting, since, nominatedNode, priority, wants);
    }

    /** The same pod, on its way out. */
    SchedulablePod doomed() {
        return new SchedulablePod(key, uid, nodeName, finished, true, since, nominatedNode, priority, wants);
    }

    /** The same pod, with room being made for it on a node; "" takes that back. */
    SchedulablePod nominated(String node) {
        return new SchedulablePod(key, uid, nodeName, finished, deleting, since, node, priority, wants);
    }

    /** The same pod; {@code same} equals what it wants. */
    SchedulablePod wanting(Wants same) {
        return new SchedulablePod(key, uid, nodeName, finished, deleting, since, nominatedNode, priority, same);
    }

    Map<String, String> labels() {
        return wants.labels;
    }

    Requests requests() {
        return wants.requests;
    }

    Placement placement() {
        return wants.placement;
    }

    boolean holdsResources() {
        return !nodeName.isEmpty() && !finished;
    }

    boolean wantsNode() {
        return nodeName.isEmpty() && !finished && !deleting;
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
