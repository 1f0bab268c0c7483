package dev.selvage.telemetry;

import java.util.List;

/**
 * @param points ordered by series, then time
 * @param truncated the limit was reached: there are more
 */
public record RangeResult(List<Point> points, boolean truncated) {
    public RangeResult {
        points = List.copyOf(points);
    }
}
