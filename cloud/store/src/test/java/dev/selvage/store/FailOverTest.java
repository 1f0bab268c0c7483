package dev.selvage.store;

import static dev.selvage.store.TestObjects.committed;
import static dev.selvage.store.TestObjects.configMap;
import static dev.selvage.store.TestObjects.data;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 3, fault 3 "a database timeline changed"; design "Incarnation": a promoted standby, which may lack the last commits, is another incarnation. */
class FailOverTest {
    @TempDir
    Path directory;

    @Test
    void aPromotedStandbyThatLacksTheLastWritesIsAnotherIncarnationToAProcessThatRunsOn() throws Exception {
        Path first = directory.resolve("first");
        Path second = directory.resolve("second");
        EmbeddedPostgres primary = EmbeddedPostgres.start(first, 0, TestPostgres.PROGRAMS);
        int port = primary.port();
        try (Store store = Store.open(StoreConfig.of(primary.jdbcUrl(), primary.user(), primary.password()))) {
            Resources resources = store.resources();
            Stored kept = committed(resources.create(configMap("kept", "1")));
            String incarnation = resources.incarnation();
            makeStandby(primary, first, second);
            Stored lost = committed(resources.create(configMap("lost", "1")));
            primary.close();

            try (EmbeddedPostgres standby = EmbeddedPostgres.start(second, port, TestPostgres.PROGRAMS)) {
                // It answers, but cannot say yet which timeline it will be on: nothing is taken from it.
                assertThat(text(standby, "SELECT pg_is_in_recovery()")).isEqualTo("t");
                assertThat(resources.incarnation()).isEqualTo(incarnation);
                assertThat(resources.get(lost.key())).isPresent();

                assertThat(text(standby, "SELECT pg_promote(true, 60)")).isEqualTo("t");
                Poll.until(() -> !resources.incarnation().equals(incarnation));
                assertThat(resources.get(kept.key())).contains(kept);
                assertThat(resources.get(lost.key())).isEmpty();
                Poll.until(() -> resources.mutate(kept.key(), data("2")).succeeded());
                String now = resources.incarnation();
                Poll.until(store::healthy);
                assertThat(resources.incarnation()).isEqualTo(now);
            }
        } finally {
            primary.close();
        }
    }

    /** A base backup by hand (PostgreSQL manual, 25.3.4), since the embedded programs have no pg_basebackup. */
    private static void makeStandby(EmbeddedPostgres primary, Path from, Path to) throws Exception {
        Files.createDirectories(to);
        try (Connection connection = connect(primary);
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_backup_start('standby', true)");
            run("cp", "-a", from.resolve("data").toString(), to.resolve("data").toString());
            try (ResultSet row = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
                assertThat(row.next()).isTrue();
                Files.writeString(to.resolve("data/backup_label"), row.getString(1));
            }
        }
        run(
                "cp",
                "-a",
                from.resolve("data/pg_wal") + "/.",
                to.resolve("data/pg_wal").toString());
        run(
                "cp",
                "-a",
                from.resolve("password").toString(),
                to.resolve("password").toString());
        Files.deleteIfExists(to.resolve("data/postmaster.pid"));
        Files.createFile(to.resolve("data/standby.signal"));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private static String text(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }
}
