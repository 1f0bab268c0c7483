package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;

/** What lets a pod onto a tainted node (upstream core/v1 Toleration). */
public record Toleration(String key, String operator, String value, String effect) {

    public static Toleration of(JsonNode node) {
        return new Toleration(
                node.path("key").asText(""),
                node.path("operator").asText("Equal"),
                node.path("value").asText(""),
                node.path("effect").asText(""));
    }

    /** Upstream's rule: an empty effect matches every effect, an empty key with Exists every key. */
    public boolean tolerates(Taint taint) {
        if (!effect.isEmpty() && !effect.equals(taint.effect())) {
            return false;
        }
        if (!key.isEmpty() && !key.equals(taint.key())) {
            return false;
        }
        return switch (operator) {
            case "", "Equal" -> !key.isEmpty() && value.equals(taint.value());
            case "Exists" -> true;
            default -> false;
        };
    }
}
