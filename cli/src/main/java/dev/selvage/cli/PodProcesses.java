package dev.selvage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** The processes of the node's pods, which outlive the agent by design. */
final class PodProcesses {
    private PodProcesses() {}

    /** Ends them all; the agent must have been stopped. Returns how many there were. */
    static int stop(Home home) {
        if (!NodeHome.enrolled(home)) {
            return 0;
        }
        try {
            Process process = new ProcessBuilder(Distribution.agent(
                            "stop-pods", "--home", home.node().toString()))
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            home.log(Installation.AGENT).toFile()))
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new CommandFailed("the pods' processes could not be stopped. The last words of "
                        + home.log(Installation.AGENT) + ":\n"
                        + new Daemon(home, Installation.AGENT).lastLines(3));
            }
            return Integer.parseInt(output);
        } catch (IOException | NumberFormatException e) {
            throw new CommandFailed("the pods' processes could not be stopped: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted", e);
        }
    }
}
