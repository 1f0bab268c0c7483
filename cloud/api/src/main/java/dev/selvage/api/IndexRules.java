package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.selvage.model.Json;
import java.util.List;

/** Rules of what only Indexed Jobs have: limits per index and a success policy (k8s.io/kubernetes/pkg/apis/batch/validation). */
final class IndexRules {
    private static final int MOST_INDEXES = 100_000;
    private static final int MOST_OF_MANY = 10_000;
    private static final int MOST_RULES = 20;
    private static final int MOST_INDEX_TEXT = 64 * 1024;
    private static final String UNINDEXED = "requires indexed completion mode";

    private final List<Problem> problems;
    private final String root;

    /** @param root path of the JobSpec in its object */
    IndexRules(List<Problem> problems, String root) {
        this.problems = problems;
        this.root = root;
    }

    static boolean indexed(JsonNode spec) {
        return Json.textAt(spec, "completionMode").equals("Indexed");
    }

    void check(JsonNode spec) {
        if (spec.hasNonNull("maxFailedIndexes") && !spec.hasNonNull("backoffLimitPerIndex")) {
            problems.add(Problem.required(root + ".backoffLimitPerIndex", "when maxFailedIndexes is specified"));
        }
        if (indexed(spec)) {
            sizes(spec);
            successPolicy(spec);
        } else {
            for (String field : List.of("backoffLimitPerIndex", "maxFailedIndexes", "successPolicy")) {
                if (spec.hasNonNull(field)) {
                    invalid(field, spec.path(field), UNINDEXED);
                }
            }
        }
    }

    private void sizes(JsonNode spec) {
        if (!spec.hasNonNull("completions")) {
            problems.add(Problem.required(root + ".completions", "when completion mode is Indexed"));
        }
        most(spec, "parallelism", MOST_INDEXES, " when completion mode is Indexed");
        long completions = spec.path("completions").asLong(Long.MAX_VALUE);
        if (spec.path("maxFailedIndexes").asLong(0) > completions) {
            invalid("maxFailedIndexes", spec.path("maxFailedIndexes"), "must be less than or equal to completions");
        }
        most(spec, "maxFailedIndexes", MOST_INDEXES, "");
        if (spec.path("completions").asLong(0) > MOST_INDEXES && spec.hasNonNull("backoffLimitPerIndex")) {
            if (!spec.hasNonNull("maxFailedIndexes")) {
                problems.add(Problem.required(
                        root + ".maxFailedIndexes", "must be specified when completions is above " + MOST_INDEXES));
            }
            String why = " when completions are above " + MOST_INDEXES + " and used with backoff limit per index";
            most(spec, "parallelism", MOST_OF_MANY, why);
            most(spec, "maxFailedIndexes", MOST_OF_MANY, why);
        }
    }

    private void most(JsonNode spec, String field, int most, String why) {
        if (spec.path(field).asLong(0) > most) {
            invalid(field, spec.path(field), "must be less than or equal to " + most + why);
        }
    }

    private void invalid(String field, JsonNode value, String detail) {
        problems.add(Problem.invalid(root + "." + field, value, detail));
    }

    private void successPolicy(JsonNode spec) {
        if (!spec.path("successPolicy").isObject() || !spec.hasNonNull("completions")) {
            return;
        }
        String place = root + ".successPolicy.rules";
        JsonNode rules = Json.at(spec, "successPolicy", "rules");
        if (rules.isEmpty()) {
            problems.add(Problem.required(
                    place, "at least one rules must be specified when the successPolicy is specified"));
        }
        if (rules.size() > MOST_RULES) {
            problems.add(Problem.tooMany(place, rules.size(), MOST_RULES));
        }
        for (int i = 0; i < rules.size(); i++) {
            rule(rules.get(i), place + "[" + i + "]", spec.path("completions").asLong());
        }
    }

    private void rule(JsonNode rule, String place, long completions) {
        boolean counts = rule.hasNonNull("succeededCount");
        boolean names = rule.hasNonNull("succeededIndexes");
        if (!counts && !names) {
            problems.add(
                    Problem.required(place, "at least one of succeededCount or succeededIndexes must be specified"));
        }
        long total = 0;
        if (names) {
            String text = Json.textAt(rule, "succeededIndexes");
            if (text.length() > MOST_INDEX_TEXT) {
                problems.add(Problem.tooLong(
                        place + ".succeededIndexes", "may not be more than " + MOST_INDEX_TEXT + " bytes"));
            }
            try {
                total = total(text, completions);
            } catch (IllegalArgumentException e) {
                problems.add(Problem.invalid(
                        place + ".succeededIndexes", text, "error parsing succeededIndexes: " + e.getMessage()));
            }
        }
        if (counts) {
            count(rule.path("succeededCount"), place + ".succeededCount", completions, names, total);
        }
    }

    private void count(JsonNode count, String place, long completions, boolean names, long total) {
        if (count.asLong() < 0) {
            problems.add(Problem.invalid(place, count, JobRules.LEAST));
        }
        if (count.asLong() > completions) {
            problems.add(Problem.invalid(
                    place,
                    count,
                    "must be less than or equal to " + completions + " (the number of specified completions)"));
        }
        if (names && count.asLong() > total) {
            problems.add(Problem.invalid(
                    place,
                    count,
                    "must be less than or equal to " + total
                            + " (the number of indexes in the specified succeededIndexes field)"));
        }
    }

    /** How many indexes a text such as {@code 1,3-5,7} names. */
    private static long total(String text, long completions) {
        long total = 0;
        long last = -1;
        for (String interval : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            String[] ends = interval.split("-", -1);
            if (ends.length > 2) {
                throw new IllegalArgumentException("the fragment " + TextNode.valueOf(interval)
                        + " violates the requirement that an index interval can have at most two parts separated by"
                        + " '-'");
            }
            long from = index(ends[0], completions);
            long to = ends.length == 1 ? from : index(ends[1], completions);
            if (ends.length == 2 && from >= to) {
                throw disorder(from, to);
            }
            if (last >= from) {
                throw disorder(last, from);
            }
            total += to - from + 1;
            last = to;
        }
        return total;
    }

    private static IllegalArgumentException disorder(long previous, long current) {
        return new IllegalArgumentException("non-increasing order, previous: " + previous + ", current: " + current);
    }

    private static long index(String text, long completions) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("cannot convert string to integer for index: " + TextNode.valueOf(text));
        }
        long index = Long.parseLong(text);
        if (index >= completions) {
            throw new IllegalArgumentException("too large index: " + TextNode.valueOf(text));
        }
        return index;
    }
}
