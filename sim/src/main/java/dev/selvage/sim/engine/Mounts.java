package dev.selvage.sim.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a daemon that was killed leaves mounted. */
final class Mounts {
    private Mounts() {}

    static void unmountBelow(Path directory) throws IOException, InterruptedException {
        List<String> points = Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .map(line -> line.split(" ")[1])
                .filter(point -> point.startsWith(directory + "/"))
                .toList();
        for (String point : points.reversed()) {
            Programs.tryRun("umount", "-l", point);
        }
    }
}
