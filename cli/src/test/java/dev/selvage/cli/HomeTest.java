package dev.selvage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an installation remembers, so that later commands need no options. */
class HomeTest {
    @TempDir
    Path directory;

    @Test
    void remembersWithWhatItWasMade() {
        Home home = Home.of(directory);
        Home.Settings settings = new Home.Settings(new Ports(20_000), "edge-7", false, true, "0.0.0.0");
        home.save(settings);
        assertThat(home.settings()).isEqualTo(settings);
    }

    @Test
    void anInstallationThatDoesNotSayWhereItListensIsOnLoopback() throws IOException {
        Files.writeString(directory.resolve("selvage.json"), "{\"portBase\": 20000}");
        Home.Settings settings = Home.of(directory).settings();
        assertThat(settings.listen()).isEqualTo("127.0.0.1");
    }
}
