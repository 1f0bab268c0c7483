package dev.selvage.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
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

/** Spec: issue 2 "with an embedded PostgreSQL"; design "Store"; the contract's demands on the data directory and on kill -9. */
class EmbeddedPostgresTest {
    /** Shared, since making a data directory takes seconds; each test uses a table of its own. */
    @TempDir
    static Path home;

    @Test
    void keepsDataAcrossARestartAndListensOnLoopbackOnly() throws Exception {
        try (EmbeddedPostgres first = start(0)) {
            execute(first, "CREATE TABLE seven (n int)");
            execute(first, "INSERT INTO seven VALUES (7)");
            assertThat(show(first, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(show(first, "SHOW fsync")).isEqualTo("on");
        }
        try (EmbeddedPostgres second = start(0)) {
            assertThat(show(second, "SELECT n FROM seven")).isEqualTo("7");
        }
    }

    @Test
    void startsAgainByItselfWhenThePostmasterIsKilled() throws Exception {
        try (EmbeddedPostgres postgres = start(0)) {
            execute(postgres, "CREATE TABLE eight (n int)");
            execute(postgres, "INSERT INTO eight VALUES (8)");
            long killed = postgres.pid();
            ProcessHandle.of(killed).orElseThrow().destroyForcibly();
            Poll.until(() -> postgres.pid() != killed
                    && show(postgres, "SELECT n FROM eight").equals("8"));
        }
    }

    @Test
    void takesOverFromACentreThatWasKilledWhileItsPostmasterLivesOn() throws Exception {
        Process centre = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Hold.class.getName(),
                        home.toString())
                .redirectErrorStream(true)
                .start();
        try (var output = centre.inputReader()) {
            String line = output.readLine();
            while (line != null && !line.startsWith("up ")) {
                line = output.readLine();
            }
            assertThat(line).startsWith("up ");
            long postmaster = Long.parseLong(String.valueOf(line).substring(3));
            centre.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            assertThat(ProcessHandle.of(postmaster)).isPresent();

            try (EmbeddedPostgres taken = start(0)) {
                assertThat(show(taken, "SELECT n FROM nine")).isEqualTo("9");
                assertThat(ProcessHandle.of(postmaster).filter(PostgresServer::running))
                        .isEmpty();
            }
        }
    }

    @Test
    void ignoresAStalePidFileWhoseNumberAnotherProcessHasNow() throws Exception {
        start(0).close();
        Files.writeString(
                home.resolve("data/postmaster.pid"), ProcessHandle.current().pid() + "\n" + home + "\n1\n5432\n");
        try (EmbeddedPostgres postgres = start(0)) {
            assertThat(show(postgres, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void refusesADirectoryThatAnotherCentreUses() {
        try (EmbeddedPostgres postgres = start(0)) {
            assertThat(postgres.port()).isPositive();
            assertThatThrownBy(() -> start(0))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void namesThePortThatIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> start(taken.getLocalPort()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("port " + taken.getLocalPort());
        }
    }

    private EmbeddedPostgres start(int port) {
        return EmbeddedPostgres.start(home, port, TestPostgres.PROGRAMS);
    }

    private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String show(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** A centre that holds a server until it is killed. */
    static final class Hold {
        private Hold() {}

        public static void main(String[] arguments) throws Exception {
            EmbeddedPostgres postgres = EmbeddedPostgres.start(Path.of(arguments[0]), 0, TestPostgres.PROGRAMS);
            execute(postgres, "CREATE TABLE nine (n int)");
            execute(postgres, "INSERT INTO nine VALUES (9)");
            System.out.println("up " + postgres.pid());
            Thread.sleep(Long.MAX_VALUE);
        }
    }
}
