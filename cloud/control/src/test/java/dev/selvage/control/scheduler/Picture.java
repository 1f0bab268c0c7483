package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A cluster for tests: nodes of 2 cores and 4 GiB with labels, and pods in the words of their manifests. */
final class Picture {
    final Cluster cluster = new Cluster();
    private final Map<String, SchedulablePod> placed = new TreeMap<>();

    /** @param labels such as {@code site=a,zone=1}; {@code kubernetes.io/hostname} is added */
    Picture node(String name, String labels) {
        return node(name, labels, "", "True");
    }

    Picture node(String name, String labels, String spec, String ready) {
        ObjectNode node = Json.parseObject("""
                {"metadata":{"name":"%s","labels":{"runtime.selvage.dev/process":"true","kubernetes.io/hostname":"%s"}},
                 "spec":{%s},"status":{"allocatable":{"cpu":"2","memory":"4Gi"},
                 "conditions":[{"type":"Ready","status":"%s"}]}}""".formatted(name, name, spec, ready));
        for (String label : labels.split(",")) {
            if (!label.isEmpty()) {
                Json.child(Json.child(node, "metadata"), "labels").put(label.split("=")[0], label.split("=")[1]);
            }
        }
        cluster.node(Node.of(node));
        return this;
    }

    /** A pod that runs on a node. */
    Picture on(String node, String name, String labels, String spec) {
        SchedulablePod pod = pod("default", name, labels, spec).on(node);
        placed.put(name, pod);
        cluster.pod(pod);
        return this;
    }

    Choice choose(String name, String labels, String spec) {
        return cluster.choose(pod("default", name, labels, spec));
    }

    /** Chooses and binds; returns the node, or the message that says why there is none. */
    String place(String name, String labels, String spec) {
        SchedulablePod pod = pod("default", name, labels, spec);
        return switch (cluster.choose(pod)) {
            case Choice.Fits(String node) -> {
                cluster.pod(pod.on(node));
                placed.put(name, pod.on(node));
                yield node;
            }
            case Choice.Nowhere(String message) -> message;
            case Choice.Preempts preempts -> preempts.toString();
        };
    }

    void gone(String name) {
        cluster.podGone(ObjectKey.of(Kinds.POD, "default", name));
        placed.remove(name);
    }

    SchedulablePod placed(String name) {
        return Objects.requireNonNull(placed.get(name), name);
    }

    static SchedulablePod pod(String namespace, String name, String labels, String spec) {
        ObjectNode object = Json.parseObject("""
                {"metadata":{"name":"%s","namespace":"%s","uid":"uid-%s","creationTimestamp":"2026-01-01T00:00:00Z","labels":{}},
                 "spec":{"runtimeClassName":"process"%s}}""".formatted(name, namespace, name, spec.isEmpty() ? "" : "," + spec));
        for (String label : labels.split(",")) {
            if (!label.isEmpty()) {
                Json.child(Json.child(object, "metadata"), "labels").put(label.split("=")[0], label.split("=")[1]);
            }
        }
        return SchedulablePod.of(ObjectKey.of(Kinds.POD, namespace, name), object);
    }

    static String cpu(String amount) {
        return "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"" + amount + "\"}}}]";
    }

    static String selector(String key, String value) {
        return "\"labelSelector\":{\"matchLabels\":{\"" + key + "\":\"" + value + "\"}}";
    }

    static String spread(String topologyKey, int maxSkew, String when, String more) {
        return "\"topologySpreadConstraints\":[{\"topologyKey\":\"" + topologyKey + "\",\"maxSkew\":" + maxSkew
                + ",\"whenUnsatisfiable\":\"" + when + "\"," + selector("app", "web") + more + "}]";
    }

    static String podAffinity(String kind, String topologyKey, String more) {
        return "\"affinity\":{\"" + kind + "\":{\"requiredDuringSchedulingIgnoredDuringExecution\":[{\"topologyKey\":\""
                + topologyKey + "\"," + selector("app", "web") + more + "}]}}";
    }
}
