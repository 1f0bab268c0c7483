package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;

/** A mark on a Node that keeps pods away unless they tolerate it (upstream core/v1 Taint). */
public record Taint(String key, String value, String effect) {
    public static final String NO_SCHEDULE = "NoSchedule";
    public static final String NO_EXECUTE = "NoExecute";
    public static final String PREFER_NO_SCHEDULE = "PreferNoSchedule";

    /** The taint that the node life cycle puts on a node whose heartbeats have stopped. */
    public static final String UNREACHABLE = "node.kubernetes.io/unreachable";

    static Taint of(JsonNode node) {
        return new Taint(
                node.path("key").asText(""),
                node.path("value").asText(""),
                node.path("effect").asText(""));
    }

    /** Whether the taint keeps new pods away; {@code PreferNoSchedule} only lowers the score. */
    public boolean forbidsScheduling() {
        return effect.equals(NO_SCHEDULE) || effect.equals(NO_EXECUTE);
    }

    /** The form that the scheduler's messages use, as upstream prints it. */
    @Override
    public String toString() {
        return "{" + key + ": " + value + "}";
    }
}
