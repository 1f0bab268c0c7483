package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.store.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 3, 4: two servers racing to create the CA in one database. */
class TwoCentresTest {
    private static final Duration LIMIT = Eventually.LIMIT;

    @TempDir
    Path directory;

    @Test
    void twoServersThatStartAtOnceOnAnEmptyDatabaseHaveOneCa() throws Exception {
        List<Process> servers = new ArrayList<>();
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("postgres"), 0)) {
            try {
                for (int i = 0; i < 2; i++) {
                    servers.add(server(postgres, i));
                }
                for (int i = 0; i < 2; i++) {
                    Path kubeconfig = kubeconfig(i);
                    Process server = servers.get(i);
                    Eventually.within(LIMIT, "the kubeconfig of server " + i, () -> {
                        assertThat(server.isAlive()).isTrue();
                        return Files.exists(kubeconfig);
                    });
                }
                assertThat(authority(0)).isNotEmpty().isEqualTo(authority(1));
                // each accepts what the other issued
                for (int i = 0; i < 2; i++) {
                    new Command(List.of(
                                    "kubectl",
                                    "get",
                                    "namespaces",
                                    "--kubeconfig",
                                    kubeconfig(1 - i).toString(),
                                    "--server",
                                    text(i, "server")))
                            .run(LIMIT)
                            .succeeded();
                }
                try (var connection =
                                DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                        var statement = connection.createStatement();
                        var row = statement.executeQuery("SELECT count(*) FROM certificate_authority")) {
                    row.next();
                    assertThat(row.getInt(1)).isEqualTo(1);
                }
            } finally {
                servers.forEach(Process::destroy);
                for (Process server : servers) {
                    server.waitFor();
                }
            }
        }
    }

    private Process server(EmbeddedPostgres postgres, int number) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                Selvage.root().resolve("target/dist/server/lib") + "/*",
                "dev.selvage.server.Main",
                "--home",
                home(number).toString(),
                "--database-url",
                postgres.jdbcUrl(),
                "--database-user",
                postgres.user(),
                "--api-port",
                "0",
                "--hub-port",
                "0");
        Files.createDirectories(home(number));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home(number).resolve("log").toFile());
        builder.environment().put("SELVAGE_DATABASE_PASSWORD", postgres.password());
        return builder.start();
    }

    private Path home(int number) {
        return directory.resolve("server-" + number);
    }

    private Path kubeconfig(int number) {
        return home(number).resolve("kubeconfig");
    }

    private String authority(int number) throws IOException {
        return text(number, "certificate-authority-data");
    }

    private String text(int number, String key) throws IOException {
        return Files.readString(kubeconfig(number))
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith(key + ": "))
                .map(line -> line.substring(key.length() + 2))
                .findFirst()
                .orElseThrow();
    }
}
