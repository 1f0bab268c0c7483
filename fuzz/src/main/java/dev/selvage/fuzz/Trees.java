package dev.selvage.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Mutations of JSON that keep most of a document valid, so that what is behind the first check is reached, too. */
final class Trees {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<String> FIELDS = List.of(
            "metadata",
            "spec",
            "status",
            "name",
            "namespace",
            "labels",
            "finalizers",
            "ownerReferences",
            "generateName",
            "resourceVersion",
            "uid",
            "$patch",
            "kind",
            "apiVersion",
            "x",
            "",
            "__proto__");

    private Trees() {}

    /** A copy with one to five places changed; {@code others} lend parts of theirs. */
    static ObjectNode mutate(Draw draw, ObjectNode original, List<? extends JsonNode> others) {
        ObjectNode tree = original.deepCopy();
        for (int n = 1 + (draw.chance(60) ? 0 : draw.below(5)); n > 0; n--) {
            List<ContainerNode<?>> places = new ArrayList<>();
            containers(tree, places);
            change(draw, draw.of(places), others);
        }
        return tree;
    }

    private static void containers(JsonNode node, List<ContainerNode<?>> found) {
        if (node instanceof ContainerNode<?> container) {
            found.add(container);
            container.forEach(child -> containers(child, found));
        }
    }

    private static void change(Draw draw, ContainerNode<?> place, List<? extends JsonNode> others) {
        switch (place) {
            case ObjectNode object -> change(draw, object, others);
            case ArrayNode array -> change(draw, array, others);
            default -> throw new IllegalStateException("a third kind of container");
        }
    }

    private static void change(Draw draw, ObjectNode object, List<? extends JsonNode> others) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        String name = names.isEmpty() || draw.chance(12) ? draw.of(FIELDS) : draw.of(names);
        switch (draw.below(10)) {
            case 0, 1 -> object.remove(name);
            case 2 ->
                object.set(
                        draw.chance(50) ? draw.word() : draw.of(FIELDS),
                        object.path(name).deepCopy());
            case 3 -> object.set(name, part(draw, draw.of(others)));
            default -> object.set(name, value(draw, object.path(name)));
        }
    }

    private static void change(Draw draw, ArrayNode array, List<? extends JsonNode> others) {
        int at = array.isEmpty() ? 0 : draw.below(array.size());
        switch (draw.below(6)) {
            case 0 -> array.remove(at);
            case 1 -> array.insert(at, array.path(at).deepCopy());
            case 2 -> many(draw, array);
            case 3 -> array.add(part(draw, draw.of(others)));
            default -> array.insert(at, value(draw, array.path(at)));
        }
    }

    private static void many(Draw draw, ArrayNode array) {
        JsonNode one = array.isEmpty() ? NODES.numberNode(1) : array.get(0);
        for (int n = draw.below(300); n > 0; n--) {
            array.add(one.deepCopy());
        }
    }

    private static JsonNode part(Draw draw, JsonNode tree) {
        List<ContainerNode<?>> places = new ArrayList<>();
        containers(tree, places);
        return places.isEmpty() ? tree : draw.of(places).deepCopy();
    }

    /** Something of the same kind as before, mostly; else of another. */
    private static JsonNode value(Draw draw, JsonNode before) {
        if (before.isTextual() && draw.chance(60)) {
            return NODES.textNode(draw.chance(50) ? draw.word() : before.asText() + draw.word());
        }
        if (before.isNumber() && draw.chance(60)) {
            return draw.chance(70) ? NODES.numberNode(draw.number()) : NODES.numberNode((double) draw.number() / 3);
        }
        return switch (draw.below(8)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(draw.chance(50));
            case 2 -> NODES.numberNode(draw.number());
            case 3 -> NODES.textNode(draw.word());
            case 4 -> NODES.arrayNode().add(before.deepCopy());
            case 5 -> NODES.objectNode().set(draw.word(), before.deepCopy());
            case 6 -> deep(draw);
            default -> NODES.numberNode(Double.longBitsToDouble(draw.number()) % 1e300);
        };
    }

    private static JsonNode deep(Draw draw) {
        JsonNode node = NODES.textNode("x");
        for (int n = draw.below(80); n > 0; n--) {
            node = draw.chance(50)
                    ? NODES.arrayNode().add(node)
                    : NODES.objectNode().set("a", node);
        }
        return node;
    }
}
