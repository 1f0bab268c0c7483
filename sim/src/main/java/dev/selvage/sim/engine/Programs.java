package dev.selvage.sim.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of the machine. */
final class Programs {
    private static final List<String> PLACES = List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin");

    private Programs() {}

    /** @throws IOException that names the package where it is missing */
    static String find(String name, String debianPackage) throws IOException {
        for (String place : PLACES) {
            if (Files.isExecutable(Path.of(place, name))) {
                return place + "/" + name;
            }
        }
        throw new IOException("%s is not in %s: apt-get install %s".formatted(name, PLACES, debianPackage));
    }

    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output.strip());
        }
        return output;
    }

    static void tryRun(String... command) throws InterruptedException {
        try {
            run(command);
        } catch (IOException e) {
            System.getLogger(Programs.class.getName()).log(System.Logger.Level.WARNING, e.getMessage());
        }
    }
}
