package dev.selvage.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Spec: issue 2 "Store": no watcher ever misses or reorders a revision while 16 writers in two server processes commit to one database. Design "Revisions":
 * without gaps.
 */
class TwoProcessesTest {
    private record Server(Process process, BufferedReader output, Writer input) {
        void say(String line) throws IOException {
            input.write(line + "\n");
            input.flush();
        }

        /** The rest of the next line that begins with a word. */
        String hear(String word) throws IOException {
            StringBuilder before = new StringBuilder();
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(word + " ") || line.equals(word)) {
                    return line.substring(word.length()).strip();
                }
                before.append(line).append('\n');
            }
            throw new AssertionError("the process ended without \"" + word + "\":\n" + before);
        }
    }

    @Test
    void noWatcherMissesOrReordersARevisionWhileSixteenWritersInTwoProcessesCommit() throws Exception {
        StoreConfig config = TestPostgres.newDatabase();
        List<Server> servers = List.of(server(config, 1), server(config, 2));
        try {
            for (Server server : servers) {
                assertThat(server.hear("ready")).isEqualTo("1");
            }
            for (Server server : servers) {
                server.say("go");
            }
            for (Server server : servers) {
                server.hear("written");
            }
            List<String> log = log(config);
            String expected = String.join("", log);
            for (Server server : servers) {
                server.say("" + (1 + log.size()));
            }
            for (Server server : servers) {
                for (int watcher = 0; watcher < 5; watcher++) {
                    assertThat(server.hear("saw") + " ").isEqualTo(expected);
                }
                assertThat(server.hear("red")).isEqualTo("agrees");
            }
            assertThat(log.size()).isGreaterThan(1000);
            for (int i = 0; i < log.size(); i++) {
                assertThat(log.get(i)).matches((i + 2) + "[CUD]o\\d+ ");
            }
        } finally {
            servers.forEach(server -> server.process().destroyForcibly());
        }
    }

    /** Spec: the store's contract on kill -9: a process that dies in the middle of its commits holds nobody up and leaves no gap. */
    @Test
    void aProcessKilledInTheMiddleOfItsCommitsLeavesNoGap() throws Exception {
        StoreConfig config = TestPostgres.newDatabase();
        Server killed = server(config, 1);
        Server survivor = server(config, 2);
        try {
            killed.hear("ready");
            survivor.hear("ready");
            killed.say("go");
            survivor.say("go");
            Poll.until(() -> log(config).size() > 200);
            killed.process().destroyForcibly().waitFor();
            survivor.hear("written");
            List<String> log = log(config);
            survivor.say("" + (1 + log.size()));
            for (int watcher = 0; watcher < 5; watcher++) {
                assertThat(survivor.hear("saw") + " ").isEqualTo(String.join("", log));
            }
            assertThat(survivor.hear("red")).isEqualTo("agrees");
            for (int i = 0; i < log.size(); i++) {
                assertThat(log.get(i)).matches((i + 2) + "[CUD]o\\d+ ");
            }
        } finally {
            killed.process().destroyForcibly();
            survivor.process().destroyForcibly();
        }
    }

    private static Server server(StoreConfig config, int seed) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WriterProcess.class.getName(),
                        config.jdbcUrl(),
                        config.user(),
                        config.password(),
                        Integer.toString(seed))
                .redirectErrorStream(true)
                .start();
        return new Server(process, process.inputReader(), process.outputWriter());
    }

    private static List<String> log(StoreConfig config) throws SQLException {
        List<String> log = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(config.jdbcUrl(), config.user(), config.password());
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT revision || op || name || ' ' FROM change ORDER BY revision")) {
            while (row.next()) {
                log.add(row.getString(1));
            }
        }
        return log;
    }
}
