package dev.selvage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonTest {
    @TempDir
    Path directory;

    @Test
    void isFoundAgainByPidAndStartTimeAndEndsWhenAsked() {
        Daemon daemon = new Daemon(prepared(), "agent");
        ProcessHandle process = daemon.start(List.of("sleep", "300"));
        assertThat(new Daemon(Home.of(directory), "agent").running()).contains(process);
        assertThat(daemon.stop(Duration.ofSeconds(5))).isTrue();
        assertThat(process.isAlive()).isFalse();
        assertThat(daemon.running()).isEmpty();
    }

    @Test
    void isKilledWhenItDoesNotEnd() {
        Daemon daemon = new Daemon(prepared(), "agent");
        ProcessHandle process = daemon.start(List.of("bash", "-c", "trap '' TERM; while :; do sleep 1; done"));
        assertThat(daemon.stop(Duration.ofMillis(300))).isTrue();
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void neverTakesAForeignProcessForItsOwn() throws IOException {
        Home home = prepared();
        Files.writeString(home.pidFile("agent"), ProcessHandle.current().pid() + " 1\n");
        assertThat(new Daemon(home, "agent").running()).isEmpty();
        assertThat(new Daemon(home, "agent").stop(Duration.ofSeconds(1))).isFalse();
    }

    @Test
    void keepsTheLastWordsOfWhatEndedAtOnce() {
        Daemon daemon = new Daemon(prepared(), "centre");
        daemon.start(List.of("bash", "-c", "echo no database; exit 3")).onExit().join();
        assertThat(daemon.lastLines(5)).isEqualTo("no database");
    }

    private Home prepared() {
        Home home = Home.of(directory);
        home.prepare();
        return home;
    }
}
