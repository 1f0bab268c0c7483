package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is served: /api, /apis, their group-versions, and the aggregated form of both (apidiscovery.k8s.io). */
final class Discovery {
    private static final List<String> VERBS =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
    private static final List<String> STATUS_VERBS = List.of("get", "patch", "update");

    /**
     * One entry of a group-version; subresources are named {@code pods/log}.
     *
     * @param kindVersion the group-version of {@code kind} where it is not the entry's own, else empty
     */
    private record Entry(
            String name,
            String singular,
            boolean namespaced,
            String kindVersion,
            String kind,
            List<String> verbs,
            List<String> shortNames,
            List<String> categories) {}

    private final Map<String, List<Entry>> byGroupVersion = new LinkedHashMap<>();

    Discovery() {
        for (Kind kind : Kinds.all()) {
            List<Entry> entries = byGroupVersion.computeIfAbsent(kind.apiVersion(), _ -> new ArrayList<>());
            entries.add(new Entry(
                    kind.plural(),
                    kind.singular(),
                    kind.namespaced(),
                    "",
                    kind.kind(),
                    VERBS,
                    kind.shortNames(),
                    kind.categories()));
            if (kind.status()) {
                entries.add(sub(kind.plural() + "/status", kind.namespaced(), kind.kind(), STATUS_VERBS));
            }
            if (kind.equals(Kinds.POD)) {
                entries.add(sub("pods/log", true, "Pod", List.of("get")));
                entries.add(sub("pods/exec", true, "PodExecOptions", List.of("create", "get")));
                entries.add(sub("pods/binding", true, "Binding", List.of("create")));
            }
            if (Scales.scales(kind)) {
                entries.add(scale(kind.plural() + "/scale"));
            }
        }
        byGroupVersion.put(
                "authorization.k8s.io/v1",
                List.of(
                        sub("selfsubjectaccessreviews", false, "SelfSubjectAccessReview", List.of("create")),
                        sub("selfsubjectrulesreviews", false, "SelfSubjectRulesReview", List.of("create"))));
        byGroupVersion.put(
                "authentication.k8s.io/v1",
                List.of(sub("selfsubjectreviews", false, "SelfSubjectReview", List.of("create"))));
    }

    private static Entry sub(String name, boolean namespaced, String kind, List<String> verbs) {
        String singular = name.contains("/") ? "" : name.substring(0, name.length() - 1);
        return new Entry(name, singular, namespaced, "", kind, verbs, List.of(), List.of());
    }

    private static Entry scale(String name) {
        return new Entry(name, "", true, Scales.VERSION, "Scale", STATUS_VERBS, List.of(), List.of());
    }

    List<String> groupVersions() {
        return List.copyOf(byGroupVersion.keySet());
    }

    ObjectNode legacyVersions(String host) {
        ObjectNode versions = Json.object().put("kind", "APIVersions");
        versions.putArray("versions").add("v1");
        versions.putArray("serverAddressByClientCIDRs")
                .addObject()
                .put("clientCIDR", "0.0.0.0/0")
                .put("serverAddress", host);
        return versions;
    }

    ObjectNode groups() {
        ObjectNode list = Json.object().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = list.putArray("groups");
        byGroupVersion.keySet().stream().filter(gv -> gv.contains("/")).forEach(gv -> groups.add(group(gv)));
        return list;
    }

    Optional<ObjectNode> group(List<String> path) {
        return byGroupVersion.keySet().stream()
                .filter(gv -> gv.startsWith(path.get(1) + "/"))
                .findFirst()
                .map(gv -> group(gv).put("kind", "APIGroup").put("apiVersion", "v1"));
    }

    private static ObjectNode group(String groupVersion) {
        int slash = groupVersion.indexOf('/');
        ObjectNode group = Json.object().put("name", groupVersion.substring(0, slash));
        String version = groupVersion.substring(slash + 1);
        group.putArray("versions").addObject().put("groupVersion", groupVersion).put("version", version);
        group.putObject("preferredVersion").put("groupVersion", groupVersion).put("version", version);
        return group;
    }

    Optional<ObjectNode> resources(String groupVersion) {
        List<Entry> entries = byGroupVersion.get(groupVersion);
        if (entries == null) {
            return Optional.empty();
        }
        ObjectNode list = Json.object()
                .put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", groupVersion);
        ArrayNode resources = list.putArray("resources");
        for (Entry entry : entries) {
            ObjectNode resource = resources
                    .addObject()
                    .put("name", entry.name())
                    .put("singularName", entry.singular())
                    .put("namespaced", entry.namespaced());
            if (!entry.kindVersion().isEmpty()) {
                int slash = entry.kindVersion().indexOf('/');
                resource.put("group", entry.kindVersion().substring(0, slash))
                        .put("version", entry.kindVersion().substring(slash + 1));
            }
            resource.put("kind", entry.kind());
            strings(resource, "verbs", entry.verbs());
            names(resource, entry);
        }
        return Optional.of(list);
    }

    private static void names(ObjectNode resource, Entry entry) {
        if (!entry.shortNames().isEmpty()) {
            strings(resource, "shortNames", entry.shortNames());
        }
        if (!entry.categories().isEmpty()) {
            strings(resource, "categories", entry.categories());
        }
    }

    private static void strings(ObjectNode object, String field, List<String> values) {
        ArrayNode list = object.putArray(field);
        values.forEach(list::add);
    }

    /** @param core whether for /api (the core group) or for /apis (all others) */
    ObjectNode aggregated(boolean core, String version) {
        ObjectNode list =
                Json.object().put("kind", "APIGroupDiscoveryList").put("apiVersion", "apidiscovery.k8s.io/" + version);
        list.putObject("metadata");
        ArrayNode items = list.putArray("items");
        byGroupVersion.forEach((groupVersion, entries) -> {
            int slash = groupVersion.indexOf('/');
            if (core == (slash < 0)) {
                ObjectNode item = items.addObject();
                ObjectNode meta = item.putObject("metadata").putNull("creationTimestamp");
                if (slash > 0) {
                    meta.put("name", groupVersion.substring(0, slash));
                }
                ObjectNode one =
                        item.putArray("versions").addObject().put("version", groupVersion.substring(slash + 1));
                resources(one.putArray("resources"), groupVersion, entries);
                one.put("freshness", "Current");
            }
        });
        return list;
    }

    private static void resources(ArrayNode resources, String groupVersion, List<Entry> entries) {
        Map<String, ObjectNode> byName = new LinkedHashMap<>();
        for (Entry entry : entries) {
            int slash = entry.name().indexOf('/');
            if (slash < 0) {
                ObjectNode resource = resources.addObject().put("resource", entry.name());
                kind(resource, groupVersion, entry.kind());
                resource.put("scope", entry.namespaced() ? "Namespaced" : "Cluster")
                        .put("singularResource", entry.singular());
                strings(resource, "verbs", entry.verbs());
                names(resource, entry);
                byName.put(entry.name(), resource);
            } else {
                ObjectNode parent = byName.get(entry.name().substring(0, slash));
                if (parent != null) {
                    ArrayNode subs = parent.get("subresources") instanceof ArrayNode present
                            ? present
                            : parent.putArray("subresources");
                    ObjectNode sub =
                            subs.addObject().put("subresource", entry.name().substring(slash + 1));
                    kind(sub, entry.kindVersion().isEmpty() ? groupVersion : entry.kindVersion(), entry.kind());
                    strings(sub, "verbs", entry.verbs());
                }
            }
        }
    }

    private static void kind(ObjectNode resource, String groupVersion, String kind) {
        int slash = groupVersion.indexOf('/');
        resource.putObject("responseKind")
                .put("group", slash < 0 ? "" : groupVersion.substring(0, slash))
                .put("version", groupVersion.substring(slash + 1))
                .put("kind", kind);
    }
}
