package dev.selvage.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The figures of one bench, in the order in which they are to be read. */
record Report(List<Figure> figures) {
    Report {
        figures = List.copyOf(figures);
    }

    /** An aligned table for people. */
    String table(String bench, Machine machine) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("FIGURE", "VALUE", "UNIT", "GOAL", "", "STATISTIC", "SAMPLES", "LOAD"));
        for (Figure figure : figures) {
            Goal goal = figure.goal();
            rows.add(List.of(
                    figure.name(),
                    number(figure.value()),
                    figure.unit(),
                    goal == null ? "" : goal.side() + " " + number(goal.limit()),
                    figure.verdict(),
                    figure.percentile(),
                    Long.toString(figure.samples()),
                    figure.load()));
        }
        return bench + " on " + machine.text() + "\n\n" + Columns.aligned(rows, 1, 6) + missed();
    }

    private String missed() {
        long missed = figures.stream().filter(f -> f.verdict().equals("MISSED")).count();
        return missed == 0 ? "" : "\n" + missed + (missed == 1 ? " goal is" : " goals are") + " missed.\n";
    }

    ObjectNode json(String bench, Machine machine) {
        ObjectNode json = Json.object().put("bench", bench);
        json.set("machine", machine.json());
        ArrayNode array = json.putArray("figures");
        for (Figure figure : figures) {
            ObjectNode each = array.addObject()
                    .put("name", figure.name())
                    .put("value", figure.value())
                    .put("unit", figure.unit());
            Goal goal = figure.goal();
            if (goal != null) {
                each.putObject("goal").put(goal.side(), goal.limit());
            }
            each.put("percentile", figure.percentile())
                    .put("samples", figure.samples())
                    .put("load", figure.load());
        }
        return json;
    }

    /** Three significant digits, or all of an integer's. */
    static String number(double value) {
        double size = Math.abs(value);
        String format =
                size >= 100 || size == Math.rint(size) ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }
}
