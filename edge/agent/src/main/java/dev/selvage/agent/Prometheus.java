package dev.selvage.agent;

import java.util.Locale;
import java.util.Map;

/** Writes figures in Prometheus' text exposition format 0.0.4. */
final class Prometheus {
    private final StringBuilder text = new StringBuilder();
    private String last = "";

    /**
     * @param labels pairs of name and value
     */
    Prometheus add(String type, String name, String help, double value, String... labels) {
        if (!name.equals(last)) {
            text.append("# HELP ").append(name).append(' ').append(help).append('\n');
            text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
            last = name;
        }
        text.append(name);
        for (int i = 0; i + 1 < labels.length; i += 2) {
            text.append(i == 0 ? '{' : ',')
                    .append(labels[i])
                    .append("=\"")
                    .append(escaped(labels[i + 1]))
                    .append('"');
        }
        text.append(labels.length > 0 ? "} " : " ").append(number(value)).append('\n');
        return this;
    }

    Prometheus gauges(String prefix, Map<String, Double> values) {
        values.forEach((name, value) -> add("gauge", prefix + name, "of the node", value));
        return this;
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%s", value);
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
