package dev.selvage.telemetry;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.selvage.model.Measured;
import dev.selvage.model.Metrics;
import dev.selvage.store.Migrations;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbers over time on PostgreSQL: a dictionary of series, a row per batch at first, and compressed chunks by series and time soon after. Has a pool of its
 * own, so that it never takes connections from the declared state, and may have a database of its own.
 */
public final class Telemetry implements TelemetryQueries, Measured, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Telemetry.class);
    private static final int POOL = 6;
    /** No lane comes beyond it by counting, and nothing overflows below it. */
    private static final long MOST_POSITION = 1L << 62;

    private static final Duration PERIOD = Duration.ofSeconds(20);
    private static final Duration SETTLE_AFTER = Duration.ofSeconds(10);

    private final DataSource dataSource;
    private final @Nullable HikariDataSource own;
    private final TelemetryConfig config;
    private final SeriesDictionary dictionary;
    private final Ingest ingest;
    private final Reader reader;
    private final Compactor compactor;
    private final Feeds feeds;
    private final OtherProcesses others;
    private final Thread housekeeper;
    private final LongAdder batches = new LongAdder();
    private final LongAdder stored = new LongAdder();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder missing = new LongAdder();
    private volatile SeriesDictionary.Fullest fullest = new SeriesDictionary.Fullest(0, 0);
    private final Map<String, Long> refused = new ConcurrentHashMap<>();

    private interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    private Telemetry(DataSource dataSource, @Nullable HikariDataSource own, TelemetryConfig config) {
        String process = UUID.randomUUID().toString();
        this.dataSource = dataSource;
        this.own = own;
        this.config = config;
        this.dictionary = new SeriesDictionary(config);
        this.ingest = new Ingest(dictionary, config, process);
        this.reader = new Reader(dictionary);
        this.compactor = new Compactor(config);
        this.feeds = new Feeds(config.feedBuffer());
        Migrations.run(dataSource, "telemetry");
        this.others = new OtherProcesses(dataSource, dictionary, feeds, process);
        this.housekeeper = Thread.ofVirtual().name("telemetry-housekeeper").start(this::keepHouse);
    }

    /** With a pool of its own. */
    public static Telemetry open(String jdbcUrl, String user, String password, TelemetryConfig config) {
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName("selvage-telemetry");
        hikari.setJdbcUrl(jdbcUrl);
        hikari.setUsername(user);
        hikari.setPassword(password);
        hikari.setMaximumPoolSize(POOL);
        hikari.setMinimumIdle(1);
        hikari.setConnectionTimeout(5_000);
        hikari.setInitializationFailTimeout(-1);
        hikari.addDataSourceProperty("connectTimeout", "3");
        hikari.addDataSourceProperty("socketTimeout", "60");
        hikari.addDataSourceProperty("reWriteBatchedInserts", "true");
        hikari.setConnectionInitSql("SET statement_timeout = '30s'; SET lock_timeout = '10s'");
        HikariDataSource pool = new HikariDataSource(hikari);
        try {
            return new Telemetry(pool, pool, config);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /** On a pool of the caller's, who closes it; one of its connections is held for the live feed. */
    public static Telemetry open(DataSource dataSource, TelemetryConfig config) {
        return new Telemetry(dataSource, null, config);
    }

    /**
     * Stores a batch and moves the lane's cursor in one transaction. Records below the cursor, and any of an older epoch, are duplicates and passed over.
     * A gap after the cursor is what the node dropped at its limit: it is accepted and counted. So whoever calls this must not go on with the next
     * batch of a lane when one failed.
     *
     * @param lane {@code alarm}, {@code live}, {@code backlog}
     * @throws IllegalArgumentException for an empty name, or an epoch or sequence that no lane can have
     * @throws TelemetryException when the database does not answer: whether the batch is stored is unknown, and sending it again is safe
     */
    public Ingested ingest(
            String node, String lane, long laneEpoch, long firstSequence, List<? extends LaneRecord> records) {
        if (node.isEmpty() || lane.isEmpty() || !possible(laneEpoch) || !possible(firstSequence)) {
            throw new IllegalArgumentException("batch: found node \"" + node + "\", lane \"" + lane + "\", epoch "
                    + laneEpoch + ", sequence " + firstSequence + ", accepted are names and numbers from 0 to "
                    + MOST_POSITION);
        }
        Ingest.Result result = call(
                "storing a batch of " + node,
                connection -> ingest.run(
                        connection, new Ingest.Batch(node, lane, laneEpoch, firstSequence, List.copyOf(records))));
        count(result);
        if (!feeds.none()) {
            List<Point> points = new ArrayList<>();
            result.points().forEach((series, raw) -> raw.forEach(one -> points.add(one.of(series))));
            feeds.publish(points);
        }
        return result.ingested();
    }

    private static boolean possible(long position) {
        return position >= 0 && position <= MOST_POSITION;
    }

    private void count(Ingest.Result result) {
        result.refused().forEach((reason, count) -> refused.merge(reason, count, Long::sum));
        batches.increment();
        stored.add(result.ingested().stored());
        duplicates.add(result.ingested().duplicates());
        missing.add(result.ingested().missing());
    }

    @Override
    public void measure(Metrics into) {
        if (own != null) {
            into.limit("telemetry_connections", own.getHikariPoolMXBean().getActiveConnections(), POOL);
            into.gauge(
                    "selvage_telemetry_connections_awaited",
                    "callers that wait for a connection",
                    own.getHikariPoolMXBean().getThreadsAwaitingConnection());
        }
        SeriesDictionary.Fullest series = fullest;
        into.limit("telemetry_namespace_series", series.namespace(), config.seriesPerNamespace());
        into.limit("telemetry_node_series", series.node(), config.seriesPerNode());
        into.limit("telemetry_feed_points", feeds.fullest(), config.feedBuffer());
        into.counter("selvage_telemetry_batches_total", "batches of lanes", batches.sum());
        into.counter("selvage_telemetry_records_total", "records stored", stored.sum());
        into.counter("selvage_telemetry_duplicates_total", "records that came again", duplicates.sum());
        into.counter("selvage_telemetry_missing_total", "records that nodes dropped at their limit", missing.sum());
        refused()
                .forEach((reason, count) ->
                        into.counter("selvage_telemetry_refused_total", "records set aside", count, "reason", reason));
    }

    /** {@link Cursor#NONE} for a lane of which nothing came yet. */
    public Cursor cursor(String node, String lane) {
        return call(
                "reading a cursor",
                connection -> Ingest.cursor(connection, node, lane, "").orElse(Cursor.NONE));
    }

    /** Records set aside since this process began, by reason. */
    public Map<String, Long> refused() {
        return new TreeMap<>(refused);
    }

    @Override
    public List<Series> series(SeriesFilter filter, int limit) {
        return call("reading series", connection -> dictionary.list(connection, filter, limit));
    }

    @Override
    public RangeResult range(RangeQuery query) {
        return call("reading a range", connection -> reader.range(connection, query));
    }

    @Override
    public List<Point> latest(SeriesFilter filter, int limit) {
        return call("reading the latest points", connection -> reader.latest(connection, filter, limit));
    }

    @Override
    public LiveFeed subscribe(SeriesFilter filter) {
        return feeds.subscribe(filter);
    }

    /** Drops chunks that ended longer ago; the housekeeper does it with the configured retention. Returns how many pieces went. */
    public int dropOlderThan(Duration age) {
        return call(
                "dropping old chunks",
                connection -> compactor.drop(connection, System.currentTimeMillis() - age.toMillis()));
    }

    @Override
    public void close() {
        housekeeper.interrupt();
        feeds.close();
        others.close();
        try {
            housekeeper.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (own != null) {
            own.close();
        }
    }

    /** Settles every block that is old enough; returns how many. */
    int settle(Duration minAge) {
        int settled = 0;
        int run;
        do {
            run = call("settling blocks", connection -> compactor.settle(connection, minAge));
            settled += run;
        } while (run > 0);
        return settled;
    }

    private void keepHouse() {
        while (true) {
            try {
                fullest = call("counting series", dictionary::fullest);
                Thread.sleep(PERIOD);
                int _ = settle(SETTLE_AFTER);
                int _ = dropOlderThan(config.retention());
            } catch (InterruptedException e) {
                return; // closing
            } catch (RuntimeException e) {
                LOG.warn("telemetry cannot be kept in order now, the next try is in {}: {}", PERIOD, e.getMessage());
            }
        }
    }

    private <T> T call(String what, Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            return work.with(connection);
        } catch (SQLException e) {
            throw new TelemetryException(what, e);
        }
    }
}
