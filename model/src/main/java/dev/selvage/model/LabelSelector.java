package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A label selector, in its text form ({@code a=b,c in (x,y),!d}) or its object form ({@code matchLabels}, {@code matchExpressions}).
 */
public record LabelSelector(List<Requirement> requirements) {
    public static final LabelSelector EVERYTHING = new LabelSelector(List.of());

    private static final String KEY = "[A-Za-z0-9](?:[-A-Za-z0-9_./]{0,315}[A-Za-z0-9])?";
    private static final String VALUE = "(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?";
    private static final Pattern SET = Pattern.compile("\\s*(" + KEY + ")\\s+(in|notin)\\s*\\(([^()]*)\\)\\s*");
    private static final Pattern EQUALITY = Pattern.compile("\\s*(" + KEY + ")\\s*(==|=|!=)\\s*(" + VALUE + ")\\s*");
    private static final Pattern EXISTENCE = Pattern.compile("\\s*(!?)\\s*(" + KEY + ")\\s*");
    private static final Pattern VALUE_FORM = Pattern.compile(VALUE);

    public enum Operator {
        IN,
        NOT_IN,
        EXISTS,
        DOES_NOT_EXIST
    }

    public record Requirement(String key, Operator operator, List<String> values) {
        public Requirement {
            values = List.copyOf(values);
        }

        boolean matches(Map<String, String> labels) {
            @Nullable String value = labels.get(key);
            return switch (operator) {
                case IN -> value != null && values.contains(value);
                case NOT_IN -> value == null || !values.contains(value);
                case EXISTS -> value != null;
                case DOES_NOT_EXIST -> value == null;
            };
        }
    }

    public LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /**
     * @throws IllegalArgumentException naming the part that cannot be read
     */
    public static LabelSelector parse(String text) {
        if (text.isBlank()) {
            return EVERYTHING;
        }
        List<Requirement> found = new ArrayList<>();
        for (String part : splitOutsideParentheses(text)) {
            found.add(requirement(part));
        }
        return new LabelSelector(found);
    }

    /**
     * The object form; an absent selector selects everything.
     *
     * @throws IllegalArgumentException for an unknown operator
     */
    public static LabelSelector fromJson(JsonNode selector) {
        List<Requirement> found = new ArrayList<>();
        Meta.strings(selector.path("matchLabels"))
                .forEach((key, value) -> found.add(new Requirement(key, Operator.IN, List.of(value))));
        for (JsonNode expression : selector.path("matchExpressions")) {
            List<String> values = new ArrayList<>();
            expression.path("values").forEach(v -> values.add(v.asText()));
            found.add(new Requirement(
                    Json.textAt(expression, "key"), operator(Json.textAt(expression, "operator")), values));
        }
        return new LabelSelector(found);
    }

    public boolean matches(Map<String, String> labels) {
        return requirements.stream().allMatch(r -> r.matches(labels));
    }

    private static Requirement requirement(String part) {
        Matcher set = SET.matcher(part);
        if (set.matches()) {
            return new Requirement(
                    set.group(1),
                    set.group(2).equals("in") ? Operator.IN : Operator.NOT_IN,
                    values(part, set.group(3)));
        }
        Matcher equality = EQUALITY.matcher(part);
        if (equality.matches()) {
            return new Requirement(
                    equality.group(1),
                    equality.group(2).equals("!=") ? Operator.NOT_IN : Operator.IN,
                    List.of(equality.group(3)));
        }
        Matcher existence = EXISTENCE.matcher(part);
        if (existence.matches()) {
            return new Requirement(
                    existence.group(2),
                    existence.group(1).isEmpty() ? Operator.EXISTS : Operator.DOES_NOT_EXIST,
                    List.of());
        }
        throw unreadable(part);
    }

    private static List<String> values(String part, String list) {
        TreeSet<String> values = new TreeSet<>();
        for (String value : list.split(",", -1)) {
            if (!VALUE_FORM.matcher(value.strip()).matches()) {
                throw unreadable(part);
            }
            values.add(value.strip());
        }
        return List.copyOf(values);
    }

    private static Operator operator(String name) {
        return switch (name) {
            case "In" -> Operator.IN;
            case "NotIn" -> Operator.NOT_IN;
            case "Exists" -> Operator.EXISTS;
            case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
            default ->
                throw new IllegalArgumentException(
                        "operator \"" + name + "\": accepted are In, NotIn, Exists, DoesNotExist");
        };
    }

    private static List<String> splitOutsideParentheses(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static IllegalArgumentException unreadable(String part) {
        return new IllegalArgumentException("unable to parse requirement \"" + part.strip()
                + "\": accepted are key=value, key!=value, key in (a,b), key notin (a,b), key, !key");
    }
}
