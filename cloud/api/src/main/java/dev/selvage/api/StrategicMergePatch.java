package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Strategic merge patch of the built-in kinds (k8s.io/apimachinery/pkg/util/strategicpatch): a merge patch that joins
 * lists by key, with the directives $patch, $retainKeys, $setElementOrder and $deleteFromPrimitiveList.
 */
final class StrategicMergePatch {
    private static final String ORDER = "$setElementOrder/";
    private static final String DELETE = "$deleteFromPrimitiveList/";
    private static final String RETAIN = "$retainKeys";

    private final Definitions definitions;

    StrategicMergePatch(Definitions definitions) {
        this.definitions = definitions;
    }

    /** Applies the patch; the target may be changed and is part of the answer. */
    ObjectNode apply(ObjectNode target, ObjectNode patch, JsonNode schema) {
        switch (patch.path("$patch").asText("")) {
            case "" -> {}
            case "replace" -> {
                return (ObjectNode) withoutDirectives(patch);
            }
            case "delete" -> {
                return Json.object();
            }
            case "merge" -> {}
            default ->
                throw ApiFailure.badRequest(
                        "unknown $patch directive " + patch.path("$patch") + ": accepted are replace, delete, merge");
        }
        retain(target, patch.get(RETAIN));
        JsonNode described = definitions.resolve(schema);
        for (Map.Entry<String, JsonNode> change : patch.properties()) {
            field(target, change.getKey(), change.getValue(), described);
        }
        for (Map.Entry<String, JsonNode> change : patch.properties()) {
            if (change.getKey().startsWith(ORDER)) {
                order(target, change.getKey().substring(ORDER.length()), change.getValue(), described);
            }
        }
        return target;
    }

    private void field(ObjectNode target, String name, JsonNode value, JsonNode schema) {
        if (name.equals("$patch") || name.equals(RETAIN) || name.startsWith(ORDER)) {
            return;
        }
        if (name.startsWith(DELETE)) {
            String list = name.substring(DELETE.length());
            if (target.get(list) instanceof ArrayNode array) {
                Set<JsonNode> gone = new HashSet<>();
                value.forEach(gone::add);
                removeAll(array, gone);
            }
            return;
        }
        JsonNode old = target.get(name);
        JsonNode property = property(schema, name);
        if (value.isNull()) {
            target.remove(name);
        } else if (value instanceof ObjectNode changes) {
            boolean remove = changes.path("$patch").asText("").equals("delete");
            if (remove) {
                target.remove(name);
            } else {
                target.set(name, apply(old instanceof ObjectNode object ? object : Json.object(), changes, property));
            }
        } else if (value instanceof ArrayNode changes) {
            target.set(name, list(old instanceof ArrayNode array ? array : null, changes, property));
        } else {
            target.set(name, value);
        }
    }

    private JsonNode property(JsonNode schema, String name) {
        JsonNode property = schema.path("properties").path(name);
        return property.isMissingNode() ? schema.path("additionalProperties") : property;
    }

    private JsonNode list(@Nullable ArrayNode old, ArrayNode changes, JsonNode schema) {
        boolean merges = schema.path("x-kubernetes-patch-strategy").asText("").startsWith("merge");
        if (!merges) {
            return withoutDirectives(changes);
        }
        ArrayNode result = old == null ? Json.mapper().createArrayNode() : old;
        String key = schema.path("x-kubernetes-patch-merge-key").asText("");
        if (key.isEmpty()) {
            Set<JsonNode> union = new LinkedHashSet<>();
            result.forEach(union::add);
            changes.forEach(union::add);
            return Json.mapper().createArrayNode().addAll(union);
        }
        for (JsonNode change : changes) {
            if (change.path("$patch").asText("").equals("replace") && !change.has(key)) {
                ArrayNode replaced = Json.mapper().createArrayNode();
                for (JsonNode item : changes) {
                    if (!item.path("$patch").asText("").equals("replace") || item.has(key)) {
                        replaced.add(withoutDirectives(item));
                    }
                }
                return replaced;
            }
        }
        for (JsonNode change : changes) {
            item(result, change, key, schema.path("items"));
        }
        return result;
    }

    private void item(ArrayNode list, JsonNode change, String key, JsonNode schema) {
        if (!(change instanceof ObjectNode object)) {
            throw ApiFailure.badRequest("strategic merge patch: a list item must be an object with \"" + key + "\"");
        }
        JsonNode identity = object.get(key);
        if (identity == null) {
            throw ApiFailure.badRequest("map: " + shorten(object) + " does not contain declared merge key: " + key);
        }
        int at = indexOf(list, key, identity);
        switch (object.path("$patch").asText("")) {
            case "delete" -> {
                if (at >= 0) {
                    list.remove(at);
                }
            }
            case "replace" -> put(list, at, withoutDirectives(object));
            default ->
                put(
                        list,
                        at,
                        apply(at >= 0 && list.get(at) instanceof ObjectNode o ? o : Json.object(), object, schema));
        }
    }

    private static void put(ArrayNode list, int at, JsonNode item) {
        if (at >= 0) {
            list.set(at, item);
        } else {
            list.add(item);
        }
    }

    private static int indexOf(ArrayNode list, String key, JsonNode identity) {
        for (int i = 0; i < list.size(); i++) {
            if (identity.equals(list.get(i).get(key))) {
                return i;
            }
        }
        return -1;
    }

    private static void retain(ObjectNode target, @Nullable JsonNode keys) {
        if (keys == null) {
            return;
        }
        Set<String> kept = new HashSet<>();
        keys.forEach(k -> kept.add(k.asText()));
        target.retain(kept);
    }

    /** Items that the order names come in its order; others keep their place behind the item they followed. */
    private void order(ObjectNode target, String name, JsonNode order, JsonNode schema) {
        if (!(target.get(name) instanceof ArrayNode list)) {
            return;
        }
        String key = property(schema, name).path("x-kubernetes-patch-merge-key").asText("");
        List<JsonNode> wanted = new ArrayList<>();
        order.forEach(o -> wanted.add(key.isEmpty() ? o : o.path(key)));
        List<JsonNode> ordered = new ArrayList<>();
        List<JsonNode> others = new ArrayList<>();
        list.forEach(item -> (wanted.contains(key.isEmpty() ? item : item.path(key)) ? ordered : others).add(item));
        ordered.sort((a, b) -> Integer.compare(
                wanted.indexOf(key.isEmpty() ? a : a.path(key)), wanted.indexOf(key.isEmpty() ? b : b.path(key))));
        list.removeAll();
        list.addAll(ordered).addAll(others);
    }

    private static void removeAll(ArrayNode array, Set<JsonNode> gone) {
        for (Iterator<JsonNode> items = array.iterator(); items.hasNext(); ) {
            if (gone.contains(items.next())) {
                items.remove();
            }
        }
    }

    /** The value as it is stored when there is nothing to merge it with. */
    private static JsonNode withoutDirectives(JsonNode value) {
        if (value instanceof ObjectNode object) {
            ObjectNode clean = Json.object();
            object.properties().forEach(e -> {
                if (!e.getKey().startsWith("$") && !e.getValue().isNull()) {
                    clean.set(e.getKey(), withoutDirectives(e.getValue()));
                }
            });
            return clean;
        }
        if (value instanceof ArrayNode array) {
            ArrayNode clean = Json.mapper().createArrayNode();
            array.forEach(item -> clean.add(withoutDirectives(item)));
            return clean;
        }
        return value;
    }

    private static String shorten(JsonNode node) {
        String text = node.toString();
        return text.length() <= 200 ? text : text.substring(0, 197) + "...";
    }
}
