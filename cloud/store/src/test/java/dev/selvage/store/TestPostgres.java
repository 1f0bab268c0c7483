package dev.selvage.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** One server for all tests of the JVM, a database of its own for each that asks. */
final class TestPostgres {
    /** Unpacking takes seconds: done once per machine, in the place for temporary files. */
    static final Path PROGRAMS = Path.of(System.getProperty("java.io.tmpdir"), "selvage-test-postgres");

    private static final AtomicInteger COUNT = new AtomicInteger();

    private TestPostgres() {}

    private static final class Holder {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                Path home = Files.createTempDirectory("selvage-store-test");
                EmbeddedPostgres server = EmbeddedPostgres.start(home, 0, PROGRAMS);
                execute(server, "ALTER SYSTEM SET fsync = off"); // these data are thrown away
                execute(server, "SELECT pg_reload_conf()");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, home)));
                return server;
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private static void stop(EmbeddedPostgres server, Path home) {
            server.close();
            try {
                PostgresProgram.deleteTree(home);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    static StoreConfig newDatabase() {
        EmbeddedPostgres server = Holder.SERVER;
        String name = "test" + COUNT.incrementAndGet();
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
