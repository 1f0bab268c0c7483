package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.plan.Sink;
import java.util.ArrayList;
import java.util.List;

/**
 * Typed view of a Stream's {@code spec}.
 *
 * @param sql the query, in Flink's syntax
 * @param selector which devices of the model take part
 */
public record StreamSpec(String sql, LabelSelector selector, Sink sink) {

    /**
     * @throws InvalidObjectException naming each field that is wrong
     */
    public static StreamSpec of(ObjectNode stream) {
        List<FieldError> errors = new ArrayList<>();
        String sql = Json.textAt(stream, "spec", "sql");
        if (sql.isBlank()) {
            errors.add(new FieldError("spec.sql", "\"\"", "a SELECT statement"));
        }
        LabelSelector selector = selector(Json.at(stream, "spec", "deviceSelector"), errors);
        Sink sink = sink(Json.at(stream, "spec", "sink"), errors);
        if (!errors.isEmpty()) {
            throw new InvalidObjectException(errors);
        }
        return new StreamSpec(sql, selector, sink);
    }

    private static LabelSelector selector(JsonNode json, List<FieldError> errors) {
        try {
            return LabelSelector.fromJson(json);
        } catch (IllegalArgumentException e) {
            errors.add(new FieldError("spec.deviceSelector", json.toString(), String.valueOf(e.getMessage())));
            return LabelSelector.EVERYTHING;
        }
    }

    private static Sink sink(JsonNode json, List<FieldError> errors) {
        boolean uplink = json.path("uplink").isObject();
        if (uplink == json.path("property").isObject() || json.size() != 1) {
            errors.add(new FieldError("spec.sink", json.toString(), "exactly one of uplink, property"));
            return new Sink.Property();
        }
        if (!uplink) {
            return new Sink.Property();
        }
        String lane = json.path("uplink").path("lane").asText("live");
        if (!lane.equals("live") && !lane.equals("alarm")) {
            errors.add(new FieldError("spec.sink.uplink.lane", lane, "live or alarm"));
            return new Sink.Property();
        }
        return new Sink.Uplink(lane);
    }
}
