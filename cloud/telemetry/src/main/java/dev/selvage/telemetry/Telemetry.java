package dev.selvage.telemetry;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** Numbers over time: a dictionary of series and compressed chunks on PostgreSQL. */
@SuppressWarnings("DoNotCallSuggester") // until it is built
public final class Telemetry implements TelemetryQueries, AutoCloseable {
    private Telemetry() {}

    /** With a pool of its own. */
    public static Telemetry open(String jdbcUrl, String user, String password, TelemetryConfig config) {
        throw new UnsupportedOperationException("not yet: " + jdbcUrl + user + password.length() + config);
    }

    /** On a pool of the caller's, who closes it. */
    public static Telemetry open(DataSource dataSource, TelemetryConfig config) {
        throw new UnsupportedOperationException("not yet: " + dataSource + config);
    }

    /**
     * Stores a batch and moves the lane's cursor in one transaction. Records below the cursor are duplicates and are passed over; an older epoch
     * is answered with the cursor as it stands; a gap is refused, since the lane must not lose order.
     *
     * @param lane {@code alarm}, {@code live}, {@code backlog}
     * @throws IllegalArgumentException when the batch begins beyond the cursor of its epoch
     * @throws TelemetryException when the database does not answer: nothing is stored
     */
    public Ingested ingest(
            String node, String lane, long laneEpoch, long firstSequence, List<? extends LaneRecord> records) {
        throw new UnsupportedOperationException(node + lane + laneEpoch + firstSequence + records);
    }

    public Cursor cursor(String node, String lane) {
        throw new UnsupportedOperationException(node + lane);
    }

    /** Records set aside since this process began, by reason. */
    public Map<String, Long> refused() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Series> series(SeriesFilter filter, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RangeResult range(RangeQuery query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Point> latest(SeriesFilter filter, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public LiveFeed subscribe(SeriesFilter filter) {
        throw new UnsupportedOperationException();
    }

    /** Drops chunks that are older than the retention; also done in the background. */
    public void dropOlderThan(Duration age) {
        throw new UnsupportedOperationException(age.toString());
    }

    @Override
    public void close() {}
}
