package dev.selvage.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the watch cache abreast of the change log. A notification is a hint to look now; what delivers is reading forward from the last revision.
 * When the database goes away the cache stays as it is, and the follower tries again for ever, at least once a second.
 */
final class Follower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
    private static final int PAGE = 1000;
    private static final int LOOK_ANYWAY_MILLIS = 1000;
    private static final Duration FRESH = Duration.ofSeconds(5);
    private static final Duration[] BACKOFF = {
        Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofMillis(500), Duration.ofSeconds(1)
    };

    /** How long the changes of an own commit may take from its notification to the cache. */
    private static final Duration OWN = Duration.ofMillis(50);

    private final Database database;
    private final WatchCache cache;
    private final String writer;
    private volatile Instant lastLook = Instant.EPOCH;
    private volatile boolean closed;
    private volatile @Nullable Connection connection;
    private @Nullable Thread thread;

    /** @param writer this process' name in the notifications of its own commits */
    Follower(Database database, WatchCache cache, String writer) {
        this.database = database;
        this.cache = cache;
        this.writer = writer;
    }

    /** Loads the cache once, then follows on a thread of its own. */
    void start() {
        try {
            Connection first = connect();
            thread = Thread.ofPlatform().daemon().name("store-follower").start(() -> run(first));
        } catch (SQLException e) {
            throw new StoreUnavailableException("cannot read the database: " + e.getMessage(), e);
        }
    }

    /** Of what the cache holds: it changes with the objects, at one instant. */
    String incarnation() {
        return cache.snapshot().incarnation();
    }

    boolean healthy() {
        return lastLook.isAfter(Instant.now().minus(FRESH));
    }

    boolean running() {
        @Nullable Thread running = thread;
        return running != null && running.isAlive();
    }

    double unfollowedSeconds() {
        return Duration.between(lastLook, Instant.now()).toMillis() / 1000.0;
    }

    @Override
    public void close() {
        closed = true;
        closeQuietly(connection);
        @Nullable Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run(Connection first) {
        Connection current = first;
        int failures = 0;
        while (!closed) {
            try {
                if (current.isClosed()) {
                    current = connect();
                    LOG.info(
                            "following the database again, at revision {}",
                            cache.snapshot().revision());
                }
                look(current);
                failures = 0;
                awaitOthers(current.unwrap(PGConnection.class));
            } catch (InterruptedException e) {
                closeQuietly(current); // closing
            } catch (SQLException | RuntimeException | Error e) { // out of memory once must not end all watching
                closeQuietly(current);
                if (!closed) {
                    LOG.atLevel(failures == 0 ? org.slf4j.event.Level.WARN : org.slf4j.event.Level.DEBUG)
                            .log("the database cannot be followed: {}; reads go on from the cache", e.getMessage());
                    pause(BACKOFF[Math.min(failures++, BACKOFF.length - 1)]);
                }
            }
        }
    }

    /**
     * Until there is reason to look: a commit of another process, one of our own that the committer does not bring, or a second's end. Reading our own
     * commits from the log, which the committer hands to the cache anyway, would cost as much as they did.
     */
    private void awaitOthers(PGConnection connection) throws SQLException, InterruptedException {
        Instant end = Instant.now().plusMillis(LOOK_ANYWAY_MILLIS);
        while (!closed) {
            long left = Duration.between(Instant.now(), end).toMillis();
            if (left <= 0) {
                return;
            }
            for (PGNotification heard : connection.getNotifications((int) left)) {
                if (!brought(heard.getParameter())) {
                    return;
                }
            }
        }
    }

    /** @param payload {@code REVISION WRITER}, as {@code commit_group} of the schema sends it */
    private boolean brought(String payload) throws InterruptedException {
        int gap = payload.indexOf(' ');
        return gap > 0
                && payload.substring(gap + 1).equals(writer)
                && cache.await(Long.parseLong(payload.substring(0, gap)), OWN);
    }

    /** Connects, and finds out whether these still are the data that the cache was filled from. */
    private Connection connect() throws SQLException {
        Connection opened = database.single();
        try {
            connection = opened;
            try (Statement statement = opened.createStatement()) {
                statement.execute("LISTEN selvage_change");
            }
            String now = Incarnation.settle(opened);
            // in this order: what is committed and taken in between does not look as if the database had gone back
            long known = cache.snapshot().revision();
            long revision = ChangeLog.counter(opened).revision();
            if (!now.equals(incarnation()) || revision < known) {
                if (known > 0) {
                    LOG.warn(
                            "the database is at revision {} of incarnation {}: loading everything again",
                            revision,
                            now);
                }
                reload(opened);
            }
            look(opened);
            return opened;
        } catch (SQLException | RuntimeException e) {
            closeQuietly(opened);
            throw e;
        }
    }

    private void look(Connection on) throws SQLException {
        while (true) {
            long known = cache.snapshot().revision();
            List<Change> changes = ChangeLog.after(on, known, PAGE);
            if (!cache.apply(changes) || (changes.isEmpty() && behind(on, known))) {
                LOG.warn("changes after revision {} are compacted or lost: loading everything again", known);
                reload(on);
            }
            lastLook = Instant.now();
            if (changes.size() < PAGE) {
                return;
            }
        }
    }

    /** Nothing came, although the counter moved before we asked: the log was compacted past us, or the data are others. */
    private boolean behind(Connection on, long known) throws SQLException {
        ChangeLog.Counter counter = ChangeLog.counter(on);
        if (!counter.incarnation().equals(incarnation())) {
            return true;
        }
        return counter.compacted() > Math.max(known, cache.snapshot().revision()) || counter.revision() < known;
    }

    private void reload(Connection on) throws SQLException {
        on.setAutoCommit(false);
        try {
            on.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            cache.reset(ChangeLog.load(on));
            on.commit();
        } finally {
            if (!on.isClosed()) {
                on.rollback();
                on.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
                on.setAutoCommit(true);
            }
        }
    }

    private static void closeQuietly(@Nullable Connection broken) {
        try {
            if (broken != null) {
                broken.close();
            }
        } catch (SQLException e) {
            LOG.debug("closing a connection: {}", e.getMessage());
        }
    }

    private void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            closed = true;
        }
    }
}
