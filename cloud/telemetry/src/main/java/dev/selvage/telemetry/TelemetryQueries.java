package dev.selvage.telemetry;

import java.util.List;

/** Questions to telemetry. All throw {@link TelemetryException} when the database does not answer. */
public interface TelemetryQueries {
    /** At most {@code limit} series, in the order of namespace, source, key, field, node. */
    List<Series> series(SeriesFilter filter, int limit);

    RangeResult range(RangeQuery query);

    /** The point with the latest end of each series, of at most {@code limit} series. */
    List<Point> latest(SeriesFilter filter, int limit);

    /** Points as they are committed, by any process of the centre. */
    LiveFeed subscribe(SeriesFilter filter);
}
