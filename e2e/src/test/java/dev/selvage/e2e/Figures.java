package dev.selvage.e2e;

/** What the centre's /metrics said (Prometheus' text format 0.0.4). */
record Figures(String text) {
    static Figures of(Selvage centre) {
        return new Figures(
                centre.kubectl("get", "--raw", "/metrics").succeeded().output());
    }

    /** @param sample a name with its labels, if any */
    double value(String sample) {
        return text.lines()
                .filter(line -> line.startsWith(sample + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no sample " + sample + " in\n" + text));
    }

    double used(String limit) {
        return value("selvage_limit_used{limit=\"" + limit + "\"}");
    }

    double max(String limit) {
        return value("selvage_limit_max{limit=\"" + limit + "\"}");
    }
}
