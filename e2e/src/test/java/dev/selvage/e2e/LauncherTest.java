package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher says when the machine is not as it should be: issue 2, "What a new user does". */
class LauncherTest {
    @TempDir
    Path directory;

    @Test
    void namesThePortThatIsTakenAndLeavesNothingRunning() throws IOException {
        Selvage selvage = new Selvage(directory.resolve("home"));
        try (ServerSocket taken = new ServerSocket(selvage.portBase(), 1, InetAddress.getLoopbackAddress())) {
            Command.Result result = selvage.selvage("up", "--port-base", Integer.toString(selvage.portBase()));
            assertThat(result.failed().output()).contains("port " + taken.getLocalPort() + " is in use", "--port-base");
        }
        assertThat(directory.resolve("home/run")).isEmptyDirectory();
    }

    @Test
    void namesTheDirectoryThatCannotBeWritten() throws IOException {
        Path file = Files.writeString(directory.resolve("occupied"), "a file, no directory");
        Selvage selvage = new Selvage(file);
        assertThat(selvage.selvage("up").failed().output()).contains("cannot write to " + file, "--home");
    }

    @Test
    void saysWhichJdkItNeedsAndWhichItFound() throws IOException {
        Path old = Files.createDirectory(directory.resolve("jdk"));
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
        Path empty = Files.createDirectory(directory.resolve("empty"));
        Command.Result result = new Command(
                        List.of("bash", Selvage.root().resolve("selvage").toString(), "status"))
                .environment("JAVA_HOME", old.toString())
                .environment("SELVAGE_JDK_ROOT", empty.toString())
                .run(Duration.ofSeconds(20));
        assertThat(result.failed().output()).contains("needs a JDK 25", "JAVA_HOME", "Found:");
    }

    @Test
    void refusesAPortBaseOutOfRange() {
        Selvage selvage = new Selvage(directory.resolve("home"));
        assertThat(selvage.selvage("up", "--port-base", "80").failed().output())
                .contains("--port-base: found 80, accepted is 1024 to");
    }

    @Test
    void saysThatThereIsNoInstallation() {
        Selvage selvage = new Selvage(directory.resolve("nothing-here"));
        assertThat(selvage.selvage("status").failed().output()).contains("there is no installation", "./selvage up");
    }
}
