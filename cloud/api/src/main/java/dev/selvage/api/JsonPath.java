package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The part of JSONPath that printer columns use: {@code .a.b}, {@code .a[0]}, {@code .a[?(@.type=="Ready")].status}. */
final class JsonPath {
    private static final Pattern STEP = Pattern.compile(
            "\\.((?:[^.\\[\\\\]|\\\\.)+)|\\[(\\d{1,6})]|\\[\\?\\(@\\.(\\w+)\\s*==\\s*[\"']([^\"']*)[\"']\\)]");

    private interface Step {
        JsonNode from(JsonNode node);
    }

    private final List<Step> steps = new ArrayList<>();

    JsonPath(String text) {
        Matcher step = STEP.matcher(text);
        int end = 0;
        while (end < text.length()) {
            if (!step.find(end) || step.start() != end) {
                throw new IllegalArgumentException("column path \"" + text + "\" cannot be read at " + end);
            }
            end = step.end();
            if (step.group(1) != null) {
                String field = step.group(1).replace("\\", "");
                steps.add(node -> node.path(field));
            } else if (step.group(2) != null) {
                int index = Integer.parseInt(step.group(2));
                steps.add(node -> node.path(index));
            } else {
                String field = step.group(3);
                String value = step.group(4);
                steps.add(node -> where(node, field, value));
            }
        }
    }

    JsonNode of(JsonNode object) {
        JsonNode here = object;
        for (Step step : steps) {
            here = step.from(here);
        }
        return here;
    }

    private static JsonNode where(JsonNode list, String field, String value) {
        for (JsonNode item : list) {
            if (item.path(field).asText("").equals(value)) {
                return item;
            }
        }
        return MissingNode.getInstance();
    }
}
