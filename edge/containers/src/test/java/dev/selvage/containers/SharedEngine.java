package dev.selvage.containers;

import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.sim.engine.RootFileSystem;
import java.nio.file.Files;
import java.nio.file.Path;

/** One engine for all test classes of a JVM that leave it as they found it. */
final class SharedEngine {
    private static final DockerEngine ENGINE = start();

    private SharedEngine() {}

    static DockerEngine get() {
        return ENGINE;
    }

    private static DockerEngine start() {
        try {
            Path home = Files.createTempDirectory("eng");
            DockerEngine engine = DockerEngine.start(home.resolve("d"));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(engine, home)));
            engine.importImage(RootFileSystem.busybox(home), "busybox", "1");
            return engine;
        } catch (Exception e) {
            throw new IllegalStateException("these tests need a container engine", e);
        }
    }

    private static void end(DockerEngine engine, Path home) {
        try {
            engine.close();
            new ProcessBuilder("rm", "-rf", home.toString()).start().waitFor();
        } catch (Exception e) {
            System.err.println("the engine did not end: " + e);
        }
    }
}
