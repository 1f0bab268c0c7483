package dev.selvage.telemetry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Many points to one per step. A point belongs to the step in which the last instant lies that it covers. */
final class Downsampler {
    private Downsampler() {}

    /** @param points ordered by end */
    static List<Point> apply(Series series, List<Raw> points, RangeQuery query) {
        @Nullable Duration step = query.step();
        List<Point> answer = new ArrayList<>();
        if (step == null) {
            points.forEach(point -> answer.add(point.of(series)));
            return answer;
        }
        long millis = step.toMillis();
        List<Raw> gathered = new ArrayList<>();
        long current = Long.MIN_VALUE;
        for (Raw point : points) {
            long slot = Math.floorDiv(point.at(), millis);
            if (slot != current && !gathered.isEmpty()) {
                answer.add(one(series, gathered, current * millis, millis, query.aggregate()));
                gathered.clear();
            }
            current = slot;
            gathered.add(point);
        }
        if (!gathered.isEmpty()) {
            answer.add(one(series, gathered, current * millis, millis, query.aggregate()));
        }
        return answer;
    }

    private static Point one(Series series, List<Raw> points, long start, long millis, Aggregate aggregate) {
        double value = switch (aggregate) {
            case AVG -> points.stream().mapToDouble(Raw::value).average().orElse(Double.NaN);
            case MIN -> points.stream().mapToDouble(Raw::value).min().orElse(Double.NaN);
            case MAX -> points.stream().mapToDouble(Raw::value).max().orElse(Double.NaN);
            case LAST -> points.getLast().value();
            case COUNT -> points.size();
        };
        return new Point(series, start, start + millis, value, points.stream().anyMatch(Raw::partial), points.size());
    }
}
