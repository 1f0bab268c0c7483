package dev.selvage.model.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Expressions as JSON. One instance reads one plan and counts its nodes: a plan is bounded as a whole. */
final class ExprCodec {
    /** Two levels of JSON each, so that a Stream stays within {@link Json#MAX_DEPTH}. */
    static final int MAX_DEPTH = 24;

    static final int MAX_NODES = 2_000;

    private int nodes;

    static ObjectNode write(Expr expr) {
        ObjectNode json = Json.object();
        switch (expr) {
            case Expr.Column(String name, Type _) -> json.put("column", name);
            case Expr.Result(int index, Type _) -> json.put("result", index);
            case Expr.Literal(Type _, @Nullable Object value) -> json.set("literal", Json.scalar(value));
            case Expr.Call(Op op, Type _, List<Expr> args) -> {
                ArrayNode list = json.put("op", op.word()).putArray("args");
                args.forEach(a -> list.add(write(a)));
            }
        }
        return json.put("type", expr.type().word());
    }

    Expr read(JsonNode json) {
        return read(json, 1);
    }

    private Expr read(JsonNode json, int depth) {
        if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
            throw new IllegalArgumentException(
                    "expression: accepted are at most " + MAX_DEPTH + " levels and " + MAX_NODES + " nodes in a plan");
        }
        Type type = word(Type.values(), Type::word, json.path("type"));
        if (json.path("column").isTextual()) {
            return new Expr.Column(json.path("column").asText(), type);
        }
        if (json.path("result").canConvertToInt()) {
            return new Expr.Result(json.path("result").asInt(), type);
        }
        if (json.has("literal")) {
            return new Expr.Literal(type, literal(type, json.path("literal")));
        }
        List<Expr> args = new ArrayList<>();
        for (JsonNode arg : json.path("args")) {
            args.add(read(arg, depth + 1));
        }
        return new Expr.Call(word(Op.values(), Op::word, json.path("op")), type, args);
    }

    private static @Nullable Object literal(Type type, JsonNode json) {
        if (json.isNull()) {
            return null;
        }
        return switch (type) {
            case BOOLEAN -> json.isBoolean() ? (Object) json.asBoolean() : json;
            case INT, BIGINT -> json.canConvertToLong() ? (Object) json.asLong() : json;
            case DOUBLE -> json.isNumber() ? (Object) json.asDouble() : json;
            case VARCHAR, TIMESTAMP -> json.isTextual() ? json.asText() : json;
        };
    }

    /** The value whose word stands in the JSON. */
    static <T> T word(T[] values, Function<T, String> word, JsonNode json) {
        return Arrays.stream(values)
                .filter(v -> word.apply(v).equals(json.asText("")))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("found " + PlanCodec.shown(json) + ", accepted are "
                        + Arrays.stream(values).map(word).toList()));
    }
}
