package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Pod;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/** The files that configMap, secret, downwardAPI and projected volumes of a pod hold now (core/v1 VolumeSource). */
final class VolumeFiles {
    private static final int DEFAULT_MODE = 0644;

    private final Pod pod;
    private final Configs configs;
    private final DownwardFields downward;
    private final IntUnaryOperator modes;

    /** @param modes what becomes of a mode that the pod asks for */
    VolumeFiles(Pod pod, Configs configs, NodeResources node, IntUnaryOperator modes) {
        this.pod = pod;
        this.configs = configs;
        this.downward = new DownwardFields(pod, node);
        this.modes = modes;
    }

    /** By relative path. Where two sources of a projected volume name the same file the later one prevails, as upstream. */
    Map<String, ProjectedDirectory.File> of(JsonNode volume) throws MissingConfigException {
        Map<String, ProjectedDirectory.File> files = new TreeMap<>();
        try {
            if (volume.has("projected")) {
                JsonNode projected = volume.path("projected");
                for (JsonNode source : projected.path("sources")) {
                    add(files, source, "name", mode(projected));
                }
            } else {
                String type = List.of("configMap", "secret", "downwardAPI").stream()
                        .filter(volume::has)
                        .findFirst()
                        .orElse("");
                add(files, volume, "secretName", mode(volume.path(type)));
            }
        } catch (MissingConfigException e) {
            throw new MissingConfigException("volume %s: %s".formatted(Json.textAt(volume, "name"), e.getMessage()));
        }
        return files;
    }

    private static int mode(JsonNode source) {
        return source.path("defaultMode").asInt(DEFAULT_MODE);
    }

    /** @param secretName the field that names a Secret: it has another name in a projected volume */
    private void add(Map<String, ProjectedDirectory.File> files, JsonNode holder, String secretName, int mode)
            throws MissingConfigException {
        if (holder.has("configMap")) {
            data(files, Kinds.CONFIG_MAP, holder.path("configMap"), "name", mode);
        } else if (holder.has("secret")) {
            data(files, Kinds.SECRET, holder.path("secret"), secretName, mode);
        } else if (holder.has("downwardAPI")) {
            fields(files, holder.path("downwardAPI").path("items"), mode);
        }
    }

    private void data(
            Map<String, ProjectedDirectory.File> files, Kind kind, JsonNode source, String nameField, int mode)
            throws MissingConfigException {
        String name = Json.textAt(source, nameField);
        boolean optional = source.path("optional").asBoolean(false);
        Optional<ObjectNode> object = configs.get(ObjectKey.of(kind, pod.namespace(), name));
        if (object.isEmpty() && !optional) {
            throw new MissingConfigException("%s \"%s\" not found".formatted(kind.singular(), name));
        }
        Map<String, byte[]> data = object.map(ConfigData::of).orElse(Map.of());
        if (source.path("items").isEmpty()) {
            data.forEach((key, content) -> files.put(key, file(content, mode)));
            return;
        }
        for (JsonNode item : source.path("items")) {
            String path = path(item);
            byte[] content = data.get(Json.textAt(item, "key"));
            if (content != null) {
                files.put(path, file(content, item.path("mode").asInt(mode)));
            } else if (!optional) {
                throw new MissingConfigException(
                        "%s \"%s\" has no key %s".formatted(kind.singular(), name, Json.textAt(item, "key")));
            }
        }
    }

    private void fields(Map<String, ProjectedDirectory.File> files, JsonNode items, int mode)
            throws MissingConfigException {
        for (JsonNode item : items) {
            String value;
            if (item.has("fieldRef")) {
                String field = Json.textAt(item, "fieldRef", "fieldPath");
                value = downward.metadata(field)
                        .orElseThrow(() -> new MissingConfigException("fieldPath %s is not offered".formatted(field)));
            } else {
                value = downward.resource(item.path("resourceFieldRef"), "");
            }
            files.put(
                    path(item),
                    file(
                            value.getBytes(StandardCharsets.UTF_8),
                            item.path("mode").asInt(mode)));
        }
    }

    private ProjectedDirectory.File file(byte[] content, int mode) {
        return new ProjectedDirectory.File(content, modes.applyAsInt(mode));
    }

    private static String path(JsonNode item) throws MissingConfigException {
        String said = Json.textAt(item, "path");
        String path = Path.of(said).normalize().toString();
        if (path.isEmpty()
                || said.startsWith("/")
                || said.startsWith("..")
                || List.of(said.split("/")).contains("..")) {
            throw new MissingConfigException("path %s: accepted: a relative path without ..".formatted(said));
        }
        return path;
    }
}
