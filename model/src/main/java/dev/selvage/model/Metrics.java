package dev.selvage.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Figures in Prometheus' text exposition format 0.0.4. Each limit is a pair of gauges with the same label, {@code selvage_limit_max{limit="…"}} and
 * {@code selvage_limit_used{limit="…"}}, so that one expression finds all that are near: {@code selvage_limit_used / selvage_limit_max > 0.8}.
 *
 * <p>For one thread.
 */
public final class Metrics {
    private final Map<String, StringBuilder> families = new LinkedHashMap<>();

    /**
     * How near a limit is. Where each client, node or kind has its own, {@code used} is of the one that is nearest to it.
     *
     * @param limit letters, digits and underscores, beginning with the part that holds it
     */
    public void limit(String limit, long used, long max) {
        limit(limit, Long.toString(used), Long.toString(max));
    }

    /** Of what is counted in fractions. */
    public void limit(String limit, double used, double max) {
        limit(limit, number(used), number(max));
    }

    private void limit(String limit, String used, String max) {
        add("gauge", "selvage_limit_max", "what the limit is", max, "limit", limit);
        add("gauge", "selvage_limit_used", "how much of the limit is used now", used, "limit", limit);
    }

    /**
     * Something that only grows.
     *
     * @param name ends with {@code _total}
     * @param labels names and values in turn
     */
    public void counter(String name, String help, long value, String... labels) {
        counter(name, help, Long.toString(value), labels);
    }

    /** Of what is counted in fractions. */
    public void counter(String name, String help, double value, String... labels) {
        counter(name, help, number(value), labels);
    }

    private void counter(String name, String help, String value, String... labels) {
        if (!name.endsWith("_total")) {
            throw new IllegalArgumentException("counter: found " + name + ", accepted are names that end with _total");
        }
        add("counter", name, help, value, labels);
    }

    /** Something that is as it is now. */
    public void gauge(String name, String help, long value, String... labels) {
        add("gauge", name, help, Long.toString(value), labels);
    }

    /** Of what is measured in fractions. */
    public void gauge(String name, String help, double value, String... labels) {
        add("gauge", name, help, number(value), labels);
    }

    /** Families in the order in which they were begun, the samples of each together. */
    public String text() {
        return String.join("", families.values());
    }

    private void add(String type, String name, String help, String value, String... labels) {
        StringBuilder text = families.computeIfAbsent(
                name,
                _ -> new StringBuilder("# HELP ")
                        .append(name)
                        .append(' ')
                        .append(help)
                        .append("\n# TYPE ")
                        .append(name)
                        .append(' ')
                        .append(type)
                        .append('\n'));
        text.append(name);
        for (int i = 0; i + 1 < labels.length; i += 2) {
            text.append(i == 0 ? '{' : ',')
                    .append(labels[i])
                    .append("=\"")
                    .append(escaped(labels[i + 1]))
                    .append('"');
        }
        text.append(labels.length > 0 ? "} " : " ").append(value).append('\n');
    }

    private static String number(double value) {
        return Double.toString(value).replace("Infinity", "Inf");
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
