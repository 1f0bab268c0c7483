package dev.selvage.model.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.LabelSelector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans as JSON, as they stand in {@code status.plan} of a Stream. */
public final class PlanCodec {
    private PlanCodec() {}

    public static ObjectNode write(Plan plan) {
        ObjectNode json = Json.object().put("version", Plan.VERSION).put("model", plan.model());
        if (!plan.selector().requirements().isEmpty()) {
            json.set("selector", selector(plan.selector()));
        }
        switch (plan.sink()) {
            case Sink.Uplink uplink ->
                json.putObject("sink").putObject("uplink").put("lane", uplink.lane());
            case Sink.Property _ -> json.putObject("sink").putObject("property");
        }
        if (plan.filter() != null) {
            json.set("filter", ExprCodec.write(plan.filter()));
        }
        if (plan.window() != null) {
            json.set("window", window(plan.window()));
        }
        ArrayNode values = json.putArray("values");
        plan.values().forEach(v -> values.addObject().put("name", v.name()).set("expr", ExprCodec.write(v.expr())));
        return Json.parseObject(Json.bytes(json)); // numbers as a reader has them: equal plans are equal trees
    }

    /** Never throws: a plan comes from another machine. */
    public static PlanReading read(JsonNode json) {
        JsonNode version = json.path("version");
        if (!version.canConvertToInt() || !version.isIntegralNumber()) {
            return new PlanReading.Malformed("version: found " + shown(version) + ", accepted is a number");
        }
        if (version.asInt() != Plan.VERSION) {
            return new PlanReading.UnknownVersion(version.asInt());
        }
        try {
            return new PlanReading.Known(plan(json));
        } catch (IllegalArgumentException e) {
            return new PlanReading.Malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Plan plan(JsonNode json) {
        ExprCodec exprs = new ExprCodec();
        @Nullable Expr filter = json.has("filter") ? exprs.read(json.path("filter")) : null;
        @Nullable Window window = json.has("window") ? window(json.path("window"), exprs) : null;
        List<Plan.Output> values = new ArrayList<>();
        for (JsonNode value : json.path("values")) {
            values.add(new Plan.Output(required(value, "name"), exprs.read(value.path("expr"))));
        }
        Plan plan = new Plan(
                required(json, "model"),
                LabelSelector.fromJson(json.path("selector")),
                sink(json.path("sink")),
                filter,
                window,
                values);
        PlanRules.check(plan);
        return plan;
    }

    private static Sink sink(JsonNode json) {
        if (json.has("uplink")) {
            return new Sink.Uplink(required(json.path("uplink"), "lane"));
        }
        if (json.has("property")) {
            return new Sink.Property();
        }
        throw new IllegalArgumentException("sink: found " + shown(json) + ", accepted are uplink, property");
    }

    private static ObjectNode window(Window window) {
        ObjectNode json = Json.object().put("sizeMillis", window.sizeMillis());
        if (window.offsetMillis() != 0) {
            json.put("offsetMillis", window.offsetMillis());
        }
        ArrayNode aggregates = json.putArray("aggregates");
        for (Aggregate aggregate : window.aggregates()) {
            ObjectNode one = aggregates
                    .addObject()
                    .put("function", aggregate.function().word())
                    .put("type", aggregate.type().word());
            if (aggregate.argument() != null) {
                one.set("argument", ExprCodec.write(aggregate.argument()));
            }
        }
        if (window.having() != null) {
            json.set("having", ExprCodec.write(window.having()));
        }
        return json;
    }

    private static Window window(JsonNode json, ExprCodec exprs) {
        List<Aggregate> aggregates = new ArrayList<>();
        for (JsonNode one : json.path("aggregates")) {
            aggregates.add(new Aggregate(
                    ExprCodec.word(Aggregate.Function.values(), Aggregate.Function::word, one.path("function")),
                    ExprCodec.word(Type.values(), Type::word, one.path("type")),
                    one.has("argument") ? exprs.read(one.path("argument")) : null));
        }
        return new Window(
                json.path("sizeMillis").asLong(0),
                json.path("offsetMillis").asLong(0),
                aggregates,
                json.has("having") ? exprs.read(json.path("having")) : null);
    }

    private static ObjectNode selector(LabelSelector selector) {
        ObjectNode json = Json.object();
        ArrayNode expressions = json.putArray("matchExpressions");
        for (LabelSelector.Requirement r : selector.requirements()) {
            ObjectNode one = expressions
                    .addObject()
                    .put("key", r.key())
                    .put(
                            "operator",
                            switch (r.operator()) {
                                case IN -> "In";
                                case NOT_IN -> "NotIn";
                                case EXISTS -> "Exists";
                                case DOES_NOT_EXIST -> "DoesNotExist";
                            });
            if (!r.values().isEmpty()) {
                r.values().forEach(one.withArray("values")::add);
            }
        }
        return json;
    }

    private static String required(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isTextual() || value.asText().isEmpty()) {
            throw new IllegalArgumentException(field + ": found " + shown(value) + ", accepted is a name");
        }
        return value.asText();
    }

    static String shown(JsonNode json) {
        String text = json.isMissingNode() ? "nothing" : Json.text(json);
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
