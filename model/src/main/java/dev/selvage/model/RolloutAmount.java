package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Pattern;

/**
 * How many of a workload's pods: a number, or a share of all ({@code 25%}); upstream's IntOrString of maxSurge and
 * maxUnavailable.
 */
public record RolloutAmount(int value, boolean percent) {
    private static final Pattern PERCENT = Pattern.compile("\\d{1,8}%");

    /** @throws IllegalArgumentException for what is neither a number that is not negative nor a percentage */
    public static RolloutAmount of(JsonNode node) {
        String text = node.asText("0");
        if (PERCENT.matcher(text).matches()) {
            return new RolloutAmount(Integer.parseInt(text.substring(0, text.length() - 1)), true);
        }
        if (text.matches("\\d{1,9}")) {
            return new RolloutAmount(Integer.parseInt(text), false);
        }
        throw new IllegalArgumentException("must be an integer that is not negative, or a percentage (e.g '5%')");
    }

    public boolean isZero() {
        return value == 0;
    }

    public int roundedUp(int all) {
        return percent ? Math.toIntExact((value * (long) all + 99) / 100) : value;
    }

    public int roundedDown(int all) {
        return percent ? Math.toIntExact(value * (long) all / 100) : value;
    }
}
