package dev.selvage.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where the figures come from.
 *
 * @param load the one-minute load average at the start: what else the machine was doing
 */
record Machine(int cores, long memoryMib, String cpu, String kernel, double load) {
    static Machine here() throws IOException {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                Long.parseLong(field("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) / 1024,
                field("/proc/cpuinfo", "model name"),
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
                Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ")[0]));
    }

    String text() {
        return String.format(
                Locale.ROOT,
                "%d cores, %,d MiB, %s, Linux %s, load %.2f at start",
                cores,
                memoryMib,
                cpu,
                kernel,
                load);
    }

    ObjectNode json() {
        return Json.object()
                .put("cores", cores)
                .put("memoryMiB", memoryMib)
                .put("cpu", cpu)
                .put("kernel", kernel)
                .put("load", load);
    }

    /** The first {@code name : value} of a file; some machines name no CPU. */
    private static String field(String file, String name) throws IOException {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        }
    }
}
