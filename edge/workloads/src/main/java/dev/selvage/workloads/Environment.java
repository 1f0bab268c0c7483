package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Pod;
import dev.selvage.model.PodContainer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A container's environment from env, envFrom and the objects they name (core/v1 EnvVar, EnvFromSource). */
final class Environment {
    private final Pod pod;
    private final Configs configs;
    private final PodsConfig config;
    private final String podIp;
    private final DownwardFields downward;

    Environment(Pod pod, Configs configs, PodsConfig config, String podIp) {
        this.podIp = podIp;
        this.pod = pod;
        this.configs = configs;
        this.config = config;
        this.downward = new DownwardFields(pod, config.allocatable());
    }

    /**
     * @param defaults the runtime's
     * @param given the node's
     */
    Map<String, String> of(PodContainer container, Map<String, String> defaults, Map<String, String> given)
            throws MissingConfigException {
        Map<String, String> values = new LinkedHashMap<>(defaults);
        values.putAll(given);
        for (JsonNode from : container.envFrom()) {
            addAll(values, from);
        }
        for (JsonNode variable : container.env()) {
            String name = Json.textAt(variable, "name");
            Optional<String> value = variable.path("valueFrom").isObject()
                    ? from(variable.path("valueFrom"), container)
                    : Optional.of(Expansion.expand(Json.textAt(variable, "value"), values));
            if (value.isPresent()) {
                put(values, name, value.get());
            }
        }
        return values;
    }

    static String hostname(Pod pod, PodsConfig config) {
        String wanted = Json.textAt(pod.object(), "spec", "hostname");
        if (!wanted.isEmpty()) {
            return wanted;
        }
        if (pod.hostNetwork()) {
            return config.nodeName();
        }
        String name = pod.name().length() <= 63 ? pod.name() : pod.name().substring(0, 63);
        return name.replaceAll("[-.]+$", ""); // as upstream's truncatePodHostnameIfNeeded
    }

    private void addAll(Map<String, String> values, JsonNode from) throws MissingConfigException {
        boolean map = from.has("configMapRef");
        JsonNode reference = from.path(map ? "configMapRef" : "secretRef");
        Optional<ObjectNode> object = find(map ? Kinds.CONFIG_MAP : Kinds.SECRET, reference);
        if (object.isPresent()) {
            for (Map.Entry<String, byte[]> entry : ConfigData.of(object.get()).entrySet()) {
                if (!entry.getKey().contains("=")) {
                    put(
                            values,
                            Json.textAt(from, "prefix") + entry.getKey(),
                            new String(entry.getValue(), StandardCharsets.UTF_8));
                }
            }
        }
    }

    private Optional<String> from(JsonNode source, PodContainer container) throws MissingConfigException {
        if (source.has("fieldRef")) {
            return Optional.of(field(Json.textAt(source, "fieldRef", "fieldPath")));
        }
        if (source.has("resourceFieldRef")) {
            return Optional.of(downward.resource(source.path("resourceFieldRef"), container.name()));
        }
        Kind kind = source.has("configMapKeyRef") ? Kinds.CONFIG_MAP : Kinds.SECRET;
        JsonNode reference = source.path(source.has("configMapKeyRef") ? "configMapKeyRef" : "secretKeyRef");
        Optional<ObjectNode> object = find(kind, reference);
        String key = Json.textAt(reference, "key");
        Optional<byte[]> value =
                object.flatMap(o -> Optional.ofNullable(ConfigData.of(o).get(key)));
        if (value.isEmpty() && !reference.path("optional").asBoolean(false)) {
            throw new MissingConfigException("couldn't find key %s in %s %s/%s"
                    .formatted(key, kind.kind(), pod.namespace(), Json.textAt(reference, "name")));
        }
        return value.map(v -> new String(v, StandardCharsets.UTF_8));
    }

    private Optional<ObjectNode> find(Kind kind, JsonNode reference) throws MissingConfigException {
        String name = Json.textAt(reference, "name");
        Optional<ObjectNode> object = configs.get(ObjectKey.of(kind, pod.namespace(), name));
        if (object.isEmpty() && !reference.path("optional").asBoolean(false)) {
            throw new MissingConfigException("%s \"%s\" not found".formatted(kind.singular(), name));
        }
        return object;
    }

    /** The field paths that upstream's downward API offers to variables. */
    private String field(String path) throws MissingConfigException {
        return switch (path) {
            case "spec.nodeName" -> config.nodeName();
            case "spec.serviceAccountName" -> Json.textAt(pod.object(), "spec", "serviceAccountName");
            case "status.hostIP", "status.hostIPs" -> config.hostIp();
            case "status.podIP", "status.podIPs" -> podIp;
            default ->
                downward.metadata(path)
                        .orElseThrow(() -> new MissingConfigException("fieldPath %s is not offered".formatted(path)));
        };
    }

    private static void put(Map<String, String> values, String name, String value) throws MissingConfigException {
        if (name.isEmpty() || name.contains("=") || name.indexOf('\0') >= 0 || value.indexOf('\0') >= 0) {
            throw new MissingConfigException(
                    "environment variable \"%s\": a name may not be empty or hold =, and neither name nor value may hold NUL"
                            .formatted(name));
        }
        values.put(name, value);
    }
}
