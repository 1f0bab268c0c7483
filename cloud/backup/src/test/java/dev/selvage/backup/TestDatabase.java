package dev.selvage.backup;

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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** One real PostgreSQL for the JVM, a database of its own for each that asks. */
final class TestDatabase {
    private static final Path PROGRAMS = Path.of(System.getProperty("java.io.tmpdir"), "selvage-test-postgres");
    private static final AtomicInteger COUNT = new AtomicInteger();

    private TestDatabase() {}

    private static final class Holder {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                Path home = Files.createTempDirectory("selvage-backup-test");
                EmbeddedPostgres server = EmbeddedPostgres.start(home, 0, PROGRAMS);
                execute(server, "ALTER SYSTEM SET fsync = off"); // these data are thrown away
                execute(server, "SELECT pg_reload_conf()");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    server.close();
                    delete(home);
                }));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void delete(Path tree) {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static StoreConfig create() {
        EmbeddedPostgres server = Holder.SERVER;
        String name = "backup" + COUNT.incrementAndGet();
        execute(server, "CREATE DATABASE " + name);
        return StoreConfig.of(
                "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + name, server.user(), server.password());
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
