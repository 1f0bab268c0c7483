package dev.selvage.control.frame;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Elects one of several servers by a row that expires. The row is judged in database time; the holder itself counts on
 * its own clock from before each renewal, minus a fifth, so that it stops before the database lets another one in. A row
 * rather than an advisory lock: a lock hangs on a TCP connection, and a half-open one would hold it for hours.
 */
public final class Leader implements AutoCloseable {
    /** Dead leaders are replaced within this and one renewal. */
    public static final Duration DEFAULT_TERM = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Leader.class);
    private static final String TAKE = """
            INSERT INTO control_leader AS l (name, holder, term, expires_at)
            VALUES (?, ?, 1, clock_timestamp() + ? * interval '1 millisecond')
            ON CONFLICT (name) DO UPDATE SET
                holder = excluded.holder,
                term = CASE WHEN l.holder = excluded.holder THEN l.term ELSE l.term + 1 END,
                expires_at = excluded.expires_at
            WHERE l.holder = excluded.holder OR l.expires_at < clock_timestamp()
            RETURNING term""";
    private static final String GIVE =
            "UPDATE control_leader SET expires_at = '-infinity' WHERE name = ? AND holder = ?";

    private final DataSource database;
    private final String name;
    private final Duration term;
    private final Work work;
    private final String holder = UUID.randomUUID().toString();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Held held;

    /** What only the leader does: started when elected, closed when leadership ends. */
    @FunctionalInterface
    public interface Work {
        AutoCloseable start(Fence fence);
    }

    /** One uninterrupted stretch of leadership. */
    private static final class Held implements Fence {
        final long number;
        volatile long until;
        volatile boolean over;

        @Nullable
        AutoCloseable running;

        Held(long number, long until) {
            this.number = number;
            this.until = until;
        }

        @Override
        public boolean held() {
            return !over && System.nanoTime() - until < 0;
        }
    }

    public Leader(DataSource database, String name, Duration term, Work work) {
        this.database = database;
        this.name = name;
        this.term = term;
        this.work = work;
        this.thread = Thread.ofVirtual().name("leader-" + name).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    public boolean leads() {
        Held now = held;
        return now != null && now.held();
    }

    /** Stops the work, gives the row back so that another server takes over at once. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(Duration.ofSeconds(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            do {
                turn();
            } while (!closing.await(term.toMillis() / 5, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            boolean led = held != null;
            end("closing");
            if (led) {
                give();
            }
        }
    }

    private void turn() {
        long asked = System.nanoTime();
        OptionalLong number;
        try {
            number = take();
        } catch (SQLException | RuntimeException e) {
            LOG.warn("cannot ask the database who leads: {}", e.toString());
            Held now = held;
            if (now != null && !now.held()) {
                end("the database did not answer in time");
            }
            return;
        }
        long until = asked + term.toNanos() / 5 * 4;
        Held now = held;
        if (number.isEmpty()) {
            end("another server leads");
        } else if (now != null && now.number == number.getAsLong() && now.held()) {
            now.until = until;
        } else {
            end("leadership lapsed");
            begin(number.getAsLong(), until);
        }
    }

    private void begin(long number, long until) {
        Held next = new Held(number, until);
        held = next;
        LOG.info("this server leads {} (term {})", name, number);
        try {
            next.running = work.start(next);
        } catch (RuntimeException e) {
            LOG.error("could not start what the leader does; trying again", e);
            end("start failed");
        }
    }

    private void end(String reason) {
        Held now = held;
        if (now == null) {
            return;
        }
        now.over = true;
        held = null;
        LOG.info("this server stops leading {}: {}", name, reason);
        if (now.running != null) {
            try {
                now.running.close();
            } catch (Exception e) {
                LOG.warn("stopping what the leader does", e);
            }
        }
    }

    private OptionalLong take() throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(TAKE)) {
            statement.setQueryTimeout((int) Math.max(1, term.toSeconds() / 2));
            statement.setString(1, name);
            statement.setString(2, holder);
            statement.setLong(3, term.toMillis());
            try (ResultSet row = statement.executeQuery()) {
                OptionalLong number = row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
                if (!connection.getAutoCommit()) {
                    connection.commit();
                }
                return number;
            }
        }
    }

    private void give() {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(GIVE)) {
            statement.setString(1, name);
            statement.setString(2, holder);
            statement.executeUpdate();
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        } catch (SQLException e) {
            LOG.warn("cannot give leadership back; it expires by itself: {}", e.toString());
        }
    }
}
