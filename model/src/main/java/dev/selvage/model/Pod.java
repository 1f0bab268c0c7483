package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A view of a Pod (core/v1) that applies upstream's defaults on reading; it never changes the tree.
 *
 * @param object the whole resource
 */
public record Pod(ObjectNode object) {
    public static final long DEFAULT_GRACE_SECONDS = 30;
    public static final String DEFAULT_RUNTIME = "container";

    /** When a container that ended is started again (PodSpec.restartPolicy). */
    public enum RestartPolicy {
        ALWAYS,
        ON_FAILURE,
        NEVER;

        public boolean restarts(boolean succeeded) {
            return this == ALWAYS || (this == ON_FAILURE && !succeeded);
        }
    }

    /** Quality of service as upstream derives it from requests and limits. */
    public enum Qos {
        GUARANTEED("Guaranteed"),
        BURSTABLE("Burstable"),
        BEST_EFFORT("BestEffort");

        private final String text;

        Qos(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    public ObjectKey key() {
        return ObjectKey.of(Kinds.POD, namespace(), name());
    }

    public String namespace() {
        return Meta.namespace(object);
    }

    public String name() {
        return Meta.name(object);
    }

    public String uid() {
        return Meta.uid(object);
    }

    public JsonNode spec() {
        return object.path("spec");
    }

    public String nodeName() {
        return Json.textAt(object, "spec", "nodeName");
    }

    /** Empty for the default class. */
    public String runtimeClassName() {
        return Json.textAt(object, "spec", "runtimeClassName");
    }

    /** The class that runs it: the default one where it names none. */
    public String runtimeClass() {
        return runtimeClassName().isEmpty() ? DEFAULT_RUNTIME : runtimeClassName();
    }

    public boolean hostNetwork() {
        return spec().path("hostNetwork").asBoolean(false);
    }

    public List<PodContainer> initContainers() {
        return containers("initContainers");
    }

    public List<PodContainer> containers() {
        return containers("containers");
    }

    /** Init containers first, then the others: the order in which they start. */
    public List<PodContainer> allContainers() {
        List<PodContainer> all = new ArrayList<>(initContainers());
        all.addAll(containers());
        return all;
    }

    public Optional<PodContainer> container(String name) {
        return allContainers().stream().filter(c -> c.name().equals(name)).findFirst();
    }

    public RestartPolicy restartPolicy() {
        return switch (Json.textAt(object, "spec", "restartPolicy")) {
            case "Never" -> RestartPolicy.NEVER;
            case "OnFailure" -> RestartPolicy.ON_FAILURE;
            default -> RestartPolicy.ALWAYS;
        };
    }

    /** What the delete asked for, else what the spec says, else 30 s; never negative. */
    public long graceSeconds() {
        JsonNode asked = Json.at(object, "metadata", "deletionGracePeriodSeconds");
        JsonNode said = asked.isNumber() ? asked : spec().path("terminationGracePeriodSeconds");
        return Math.max(0, said.asLong(DEFAULT_GRACE_SECONDS));
    }

    public boolean deleting() {
        return Meta.deleting(object);
    }

    /** The phase last reported, or the empty string. */
    public String phase() {
        return Json.textAt(object, "status", "phase");
    }

    public boolean finished() {
        return phase().equals("Succeeded") || phase().equals("Failed");
    }

    /** The ConfigMaps and Secrets the pod names, so those its node must hold. */
    public Set<ObjectKey> references() {
        Set<ObjectKey> keys = new TreeSet<>();
        for (PodContainer container : allContainers()) {
            container.env().forEach(e -> {
                add(keys, Kinds.CONFIG_MAP, Json.textAt(e, "valueFrom", "configMapKeyRef", "name"));
                add(keys, Kinds.SECRET, Json.textAt(e, "valueFrom", "secretKeyRef", "name"));
            });
            container.envFrom().forEach(e -> {
                add(keys, Kinds.CONFIG_MAP, Json.textAt(e, "configMapRef", "name"));
                add(keys, Kinds.SECRET, Json.textAt(e, "secretRef", "name"));
            });
        }
        spec().path("volumes").forEach(v -> {
            add(keys, Kinds.CONFIG_MAP, Json.textAt(v, "configMap", "name"));
            add(keys, Kinds.SECRET, Json.textAt(v, "secret", "secretName"));
            v.path("projected").path("sources").forEach(s -> {
                add(keys, Kinds.CONFIG_MAP, Json.textAt(s, "configMap", "name"));
                add(keys, Kinds.SECRET, Json.textAt(s, "secret", "name"));
            });
        });
        spec().path("imagePullSecrets").forEach(s -> add(keys, Kinds.SECRET, Json.textAt(s, "name")));
        return keys;
    }

    public Qos qos() {
        List<PodContainer> all = allContainers();
        boolean none = all.stream()
                .allMatch(c -> c.cpuLimit().isEmpty()
                        && c.memoryLimit().isEmpty()
                        && c.cpuRequest().isEmpty()
                        && c.memoryRequest().isEmpty());
        if (none) {
            return Qos.BEST_EFFORT;
        }
        boolean guaranteed = all.stream()
                .allMatch(c -> c.cpuLimit().isPresent()
                        && c.memoryLimit().isPresent()
                        && c.cpuLimit().equals(c.cpuRequest())
                        && c.memoryLimit().equals(c.memoryRequest()));
        return guaranteed ? Qos.GUARANTEED : Qos.BURSTABLE;
    }

    private void add(Set<ObjectKey> keys, Kind kind, String name) {
        if (!name.isEmpty()) {
            keys.add(ObjectKey.of(kind, namespace(), name));
        }
    }

    private List<PodContainer> containers(String field) {
        List<PodContainer> list = new ArrayList<>();
        spec().path(field).forEach(c -> list.add(new PodContainer(c)));
        return list;
    }
}
