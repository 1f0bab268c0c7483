package dev.selvage.store;

import dev.selvage.model.Measured;
import dev.selvage.model.Metrics;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Objects with revisions on PostgreSQL: a group committer for this process' writes, a watch cache that follows the change log, and the house-keeping of
 * the log. Several processes may open one database.
 */
public final class Store implements Measured, AutoCloseable {
    private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(30);

    private final Database database;
    private final Follower follower;
    private final Partitions partitions;
    private final GroupCommitter committer;
    private final Resources resources;
    private final Leases leases;
    private final WatchCache cache;

    private Store(StoreConfig config) {
        this.database = new Database(config);
        this.cache = new WatchCache(config.watchBuffer());
        String writer = UUID.randomUUID().toString();
        this.follower = new Follower(database, cache, writer);
        this.partitions = new Partitions(database, config);
        try {
            awaitDatabase();
            Migrations.run(database.pool(), "store");
            partitions.start();
            follower.start();
        } catch (RuntimeException e) {
            partitions.close();
            follower.close();
            database.close();
            throw e;
        }
        this.committer = new GroupCommitter(
                new GroupTransaction(database, writer, follower::incarnation, partitions::ensure),
                cache,
                config.writeTimeout());
        this.resources = new StoreResources(database, cache, committer, follower);
        this.leases = new NodeSessions(database);
    }

    /**
     * Connects, brings the schema up to date under a lock, and fills the watch cache.
     *
     * @throws StoreUnavailableException when the database does not answer
     */
    public static Store open(StoreConfig config) {
        return new Store(config);
    }

    public Resources resources() {
        return resources;
    }

    public Leases leases() {
        return leases;
    }

    /** Pooled connections for tables of other modules; see {@link Migrations}. */
    public DataSource dataSource() {
        return database.pool();
    }

    /** Whether the watch cache is following the database: false means that reads may be old and writes fail. */
    public boolean healthy() {
        return follower.healthy();
    }

    /** Whether its threads run: false does not heal by itself. */
    public boolean alive() {
        return follower.running() && committer.running();
    }

    @Override
    public void measure(Metrics into) {
        committer.measure(into);
        cache.measure(into);
        partitions.measure(into);
        database.measure(into);
        into.gauge(
                "selvage_store_unfollowed_seconds", "since the watch cache last looked", follower.unfollowedSeconds());
    }

    /** Gives the store a new incarnation: what a tool does after it has restored a backup that PostgreSQL cannot tell from the original. */
    public void renewIncarnation() {
        database.call("renewing the incarnation", connection -> {
            Incarnation.renew(connection);
            return true;
        });
    }

    /** Ends watches and writes; what is committed stays. */
    @Override
    public void close() {
        committer.close();
        partitions.close();
        follower.close();
        cache.reset(cache.snapshot());
        database.close();
    }

    int compactNow() {
        return partitions.compact();
    }

    private void awaitDatabase() {
        Instant deadline = Instant.now().plus(OPEN_TIMEOUT);
        while (true) {
            try (var connection = database.single();
                    Statement statement = connection.createStatement()) {
                statement.execute("SELECT 1");
                return;
            } catch (SQLException e) {
                if (Instant.now().isAfter(deadline)) {
                    throw new StoreUnavailableException("the database does not answer: " + e.getMessage(), e);
                }
            }
            try {
                Thread.sleep(Duration.ofMillis(200));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreUnavailableException("interrupted while waiting for the database", e);
            }
        }
    }
}
