package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules of volumes whose files the node writes (k8s.io/kubernetes/pkg/apis/core/validation: validateProjectedVolumeSource and its like). */
final class VolumeRules {
    private static final String WRONG_MODE = "must be a number between 0 and 0777 (octal), both inclusive";

    private final List<Problem> problems;
    private final DownwardRules downward;

    VolumeRules(List<Problem> problems) {
        this.problems = problems;
        this.downward = new DownwardRules(problems);
    }

    void check(JsonNode volume, String path) {
        for (String type : List.of("configMap", "secret")) {
            mode(volume.path(type).path("defaultMode"), path + "." + type + ".defaultMode");
            items(volume.path(type), path + "." + type);
        }
        JsonNode fields = volume.path("downwardAPI");
        mode(fields.path("defaultMode"), path + ".downwardAPI.defaultMode");
        fields.path("items").forEach(item -> field(item, path + ".downwardAPI"));
        if (volume.has("projected")) {
            projected(volume.path("projected"), path + ".projected");
        }
    }

    private void projected(JsonNode projected, String path) {
        mode(projected.path("defaultMode"), path + ".defaultMode");
        Set<String> paths = new HashSet<>();
        JsonNode sources = projected.path("sources");
        for (int i = 0; i < sources.size(); i++) {
            JsonNode source = sources.get(i);
            String place = path + ".sources[" + i + "]";
            for (String type : List.of("secret", "configMap")) {
                if (source.has(type)) {
                    String name = Json.textAt(source, type, "name");
                    if (name.isEmpty()) {
                        problems.add(Problem.required(place + "." + type + ".name", ""));
                    }
                    items(source.path(type), place + "." + type);
                    source.path(type).path("items").forEach(item -> once(paths, item, name, path));
                }
            }
            source.path("downwardAPI").path("items").forEach(item -> {
                field(item, place + ".downwardAPI");
                once(paths, item, Json.textAt(item, "path"), path);
            });
            if (source.size() > 1) {
                problems.add(Problem.forbidden(place, "may not specify more than 1 volume type"));
            }
        }
    }

    private void once(Set<String> paths, JsonNode item, String value, String path) {
        String file = Json.textAt(item, "path");
        if (!file.isEmpty() && !paths.add(file)) {
            problems.add(Problem.invalid(path, value, "conflicting duplicate paths"));
        }
    }

    private void items(JsonNode source, String path) {
        for (int i = 0; i < source.path("items").size(); i++) {
            file(source.path("items").get(i), path + ".items[" + i + "]");
        }
    }

    /** A DownwardAPIVolumeFile; upstream's paths have no index. */
    private void field(JsonNode item, String path) {
        file(item, path);
        if (item.has("fieldRef")) {
            downward.field(item.path("fieldRef"), path + ".fieldRef", true);
            if (item.has("resourceFieldRef")) {
                problems.add(Problem.invalid(
                        path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
            }
        } else if (item.has("resourceFieldRef")) {
            downward.resource(item.path("resourceFieldRef"), path + ".resourceFieldRef", true);
        } else {
            problems.add(Problem.required(path, "one of fieldRef and resourceFieldRef is required"));
        }
    }

    /** Its path, which may not lead out of the volume (upstream: ValidateLocalNonReservedPath), and its mode. */
    private void file(JsonNode item, String path) {
        String file = Json.textAt(item, "path");
        if (file.startsWith("/")) {
            problems.add(Problem.invalid(path + ".path", file, "must be a relative path"));
        }
        if (List.of(file.split("/")).contains("..")) {
            problems.add(Problem.invalid(path + ".path", file, "must not contain '..'"));
        }
        if (file.startsWith("..") && !file.startsWith("../") && !file.equals("..")) {
            problems.add(Problem.invalid(path + ".path", file, "must not start with '..'"));
        }
        mode(item.path("mode"), path + ".mode");
    }

    private void mode(JsonNode mode, String path) {
        if (mode.isNumber() && (mode.asLong() < 0 || mode.asLong() > 0777)) {
            problems.add(Problem.invalid(path, mode, WRONG_MODE));
        }
    }
}
