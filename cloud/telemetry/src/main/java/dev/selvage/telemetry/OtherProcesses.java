package dev.selvage.telemetry;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings batches that other processes stored to the live feeds of this one. While the database is away the feeds are told that points may be lost. */
final class OtherProcesses implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OtherProcesses.class);
    private static final int WAIT_MILLIS = 250;

    private final DataSource dataSource;
    private final SeriesDictionary dictionary;
    private final Feeds feeds;
    private final String process;
    private final Thread thread;
    private volatile boolean closed;

    OtherProcesses(DataSource dataSource, SeriesDictionary dictionary, Feeds feeds, String process) {
        this.dataSource = dataSource;
        this.dictionary = dictionary;
        this.feeds = feeds;
        this.process = process;
        this.thread = Thread.ofPlatform().daemon().name("telemetry-listener").start(this::run);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed) {
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(true);
                statement.execute("LISTEN selvage_telemetry");
                listen(connection);
                statement.execute("UNLISTEN *");
            } catch (SQLException | RuntimeException e) {
                if (!closed) {
                    LOG.debug("live telemetry of other processes is interrupted: {}", e.getMessage());
                    feeds.lost();
                    dictionary.forget();
                    pause();
                }
            }
        }
    }

    private void listen(Connection connection) throws SQLException {
        while (!closed) {
            PGNotification @Nullable [] notifications =
                    connection.unwrap(PGConnection.class).getNotifications(WAIT_MILLIS);
            if (notifications != null && !feeds.none()) {
                for (PGNotification notification : notifications) {
                    String[] parts = notification.getParameter().split(" ");
                    if (!parts[0].equals(process)) {
                        feeds.publish(read(connection, Long.parseLong(parts[1])));
                    }
                }
            }
        }
    }

    private List<Point> read(Connection connection, long id) throws SQLException {
        List<Point> points = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT data FROM telemetry_block WHERE id = ?")) {
            query.setLong(1, id);
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    feeds.lost(); // settled before we came
                    return points;
                }
                Block block = Block.decode(row.getBytes(1));
                Map<Long, Series> byId = new HashMap<>();
                dictionary.byId(connection, block.points().keySet()).forEach(series -> byId.put(series.id(), series));
                block.points().forEach((series, raw) -> {
                    @Nullable Series known = byId.get(series);
                    if (known != null) {
                        raw.forEach(one -> points.add(one.of(known)));
                    }
                });
            }
        }
        return points;
    }

    private void pause() {
        try {
            Thread.sleep(Duration.ofMillis(500));
        } catch (InterruptedException e) {
            closed = true;
        }
    }
}
