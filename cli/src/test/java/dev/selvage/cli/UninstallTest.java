package dev.selvage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UninstallTest {
    @TempDir
    Path parent;

    @Test
    void deletesTheInstallationAndItsDirectory() {
        Home home = installed();
        assertThat(Main.run("uninstall", "--yes", "--home", home.directory().toString()))
                .isZero();
        assertThat(home.directory()).doesNotExist();
    }

    /** {@code up --home DIR} takes any directory, also one with other things in it. */
    @Test
    void keepsWhatIsNotOfTheInstallation() throws IOException {
        Home home = installed();
        Path thesis = Files.writeString(home.directory().resolve("thesis.txt"), "years of work");
        Files.writeString(home.kubeconfig(), "{}");
        assertThat(Main.run("uninstall", "--yes", "--home", home.directory().toString()))
                .isZero();
        assertThat(home.directory()).isDirectoryContaining(file -> file.equals(thesis));
        assertThat(Files.exists(home.kubeconfig())).isFalse();
        assertThat(home.exists()).isFalse();
        assertThat(Files.exists(home.centre())).isFalse();
    }

    private Home installed() {
        Home home = Home.of(parent.resolve("home"));
        home.prepare();
        home.save(new Home.Settings(new Ports(20_000), "edge-1", false, true, "127.0.0.1"));
        return home;
    }
}
