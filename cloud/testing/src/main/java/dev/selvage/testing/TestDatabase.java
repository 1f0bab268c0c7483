package dev.selvage.testing;

import dev.selvage.store.EmbeddedPostgres;
import dev.selvage.store.StoreConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** One real PostgreSQL for the JVM, a database of its own for each test that asks. Nothing is synced: the data are thrown away. */
public final class TestDatabase {
    private static final Path PROGRAMS = Path.of(System.getProperty("java.io.tmpdir"), "selvage-test-postgres");
    private static final AtomicInteger COUNT = new AtomicInteger();

    private TestDatabase() {}

    private static final class Holder {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                Path home = Files.createTempDirectory("selvage-test");
                EmbeddedPostgres server = EmbeddedPostgres.start(home, 0, PROGRAMS);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    server.close();
                    delete(home);
                }));
                execute(server, "ALTER SYSTEM SET fsync = off");
                execute(server, "SELECT pg_reload_conf()");
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** An empty database, before any migration. */
    public static StoreConfig create() {
        EmbeddedPostgres server = Holder.SERVER;
        String name = "test" + COUNT.incrementAndGet();
        execute(server, "CREATE DATABASE " + name);
        return StoreConfig.of(
                "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + name, server.user(), server.password());
    }

    /** Behind the store's back, as a restored backup comes; in one transaction. */
    public static void run(StoreConfig database, String... statements) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    public static Connection connect(StoreConfig database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    public static void delete(Path tree) {
        try (Stream<Path> paths = Files.walk(tree)) {
            List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
