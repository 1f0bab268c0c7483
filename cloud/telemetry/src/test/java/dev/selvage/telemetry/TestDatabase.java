package dev.selvage.telemetry;

import dev.selvage.store.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** One server for all tests of the JVM, a database of its own for each that asks. */
record TestDatabase(String url, String user, String password) {
    private static final Path PROGRAMS = Path.of(System.getProperty("java.io.tmpdir"), "selvage-test-postgres");
    private static final AtomicInteger COUNT = new AtomicInteger();

    private static final class Holder {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                Path home = Files.createTempDirectory("selvage-telemetry-test");
                EmbeddedPostgres server = EmbeddedPostgres.start(home, 0, PROGRAMS);
                execute(server, "ALTER SYSTEM SET fsync = off"); // these data are thrown away
                execute(server, "SELECT pg_reload_conf()");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, home)));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void stop(EmbeddedPostgres server, Path home) {
            server.close();
            try (Stream<Path> tree = Files.walk(home)) {
                tree.sorted(Comparator.reverseOrder())
                        .forEach(path -> path.toFile().delete());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static TestDatabase create() {
        EmbeddedPostgres server = Holder.SERVER;
        String name = "test" + COUNT.incrementAndGet();
        execute(server, "CREATE DATABASE " + name);
        return new TestDatabase(
                "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + name, server.user(), server.password());
    }

    Telemetry open(TelemetryConfig config) {
        return Telemetry.open(url, user, password, config);
    }

    Telemetry open() {
        return open(TelemetryConfig.DEFAULT);
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url, user, password);
    }

    long number(String sql) {
        try (Connection connection = DriverManager.getConnection(url, user, password);
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static void execute(EmbeddedPostgres server, String sql) {
        try (Connection connection = DriverManager.getConnection(server.jdbcUrl(), server.user(), server.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
