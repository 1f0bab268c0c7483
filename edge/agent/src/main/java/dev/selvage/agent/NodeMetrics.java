package dev.selvage.agent;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Measures the node from /proc and /sys (proc(5), Documentation/ABI/testing/sysfs-class-thermal). Rates cover the time since the measurement before; the first has
 * none. Not thread-safe.
 */
final class NodeMetrics {
    private final SystemFiles files;
    private final Path disk;
    private long[] cpu = {0, 0};
    private long[] network = {0, 0};
    private long measuredAt;

    NodeMetrics(SystemFiles files, Path disk) {
        this.files = files;
        this.disk = disk;
    }

    Map<String, Double> measure(long nowMillis) {
        Map<String, Double> values = new LinkedHashMap<>();
        cpu(values);
        memory(values);
        disk(values);
        network(values, nowMillis);
        temperature().ifPresent(t -> values.put("temperature_celsius", t));
        files.text("proc/loadavg").ifPresent(l -> values.put("load1", Double.parseDouble(l.split(" ")[0])));
        files.text("proc/uptime").ifPresent(u -> values.put("uptime_seconds", Double.parseDouble(u.split(" ")[0])));
        agent(values);
        measuredAt = nowMillis;
        return values;
    }

    private void cpu(Map<String, Double> values) {
        List<String> lines = files.lines("proc/stat");
        if (lines.isEmpty() || !lines.getFirst().startsWith("cpu ")) {
            return;
        }
        String[] fields = lines.getFirst().trim().split("\\s+");
        long total = 0;
        // user nice system idle iowait irq softirq steal; guest is part of user
        for (int i = 1; i <= Math.min(8, fields.length - 1); i++) {
            total += Long.parseLong(fields[i]);
        }
        long idle = Long.parseLong(fields[4]) + Long.parseLong(fields[5]);
        if (cpu[0] > 0 && total > cpu[0]) {
            double busy = 1 - (double) (idle - cpu[1]) / (total - cpu[0]);
            values.put("cpu_percent", 100 * Math.clamp(busy, 0.0, 1.0));
        }
        cpu = new long[] {total, idle};
    }

    private void memory(Map<String, Double> values) {
        long total = files.kibibytes("proc/meminfo", "MemTotal").orElse(0L);
        long available = files.kibibytes("proc/meminfo", "MemAvailable").orElse(0L);
        if (total > 0) {
            values.put("memory_total_bytes", (double) total);
            values.put("memory_used_bytes", (double) (total - available));
            values.put("memory_percent", 100.0 * (total - available) / total);
        }
    }

    private void disk(Map<String, Double> values) {
        try {
            FileStore store = Files.getFileStore(disk);
            double total = store.getTotalSpace();
            double used = total - store.getUnallocatedSpace();
            double reachable = used + store.getUsableSpace();
            values.put("disk_total_bytes", total);
            values.put("disk_used_bytes", used);
            // As df(1) counts: of what this user can reach.
            values.put("disk_percent", reachable > 0 ? 100 * used / reachable : 0);
        } catch (IOException e) {
            System.getLogger(NodeMetrics.class.getName()).log(System.Logger.Level.DEBUG, "no disk figures: " + e);
        }
    }

    private void network(Map<String, Double> values, long now) {
        long[] sum = {0, 0};
        for (String line : files.lines("proc/net/dev")) {
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon).strip();
            if (!name.isEmpty() && !name.equals("lo")) {
                String[] fields = line.substring(colon + 1).trim().split("\\s+");
                sum[0] += Long.parseLong(fields[0]);
                sum[1] += Long.parseLong(fields[8]);
            }
        }
        double seconds = (now - measuredAt) / 1000.0;
        if (measuredAt > 0 && seconds > 0 && sum[0] >= network[0] && sum[1] >= network[1]) {
            values.put("network_receive_bytes_per_second", (sum[0] - network[0]) / seconds);
            values.put("network_transmit_bytes_per_second", (sum[1] - network[1]) / seconds);
        }
        network = sum;
    }

    /** The hottest of the thermal zones; many machines, virtual ones above all, have none. */
    private OptionalDouble temperature() {
        return files.list("sys/class/thermal", "thermal_zone*").stream()
                .flatMap(zone -> files.number(zone + "/temp").stream())
                .mapToDouble(milli -> milli / 1000.0)
                .filter(celsius -> celsius > -60 && celsius < 200)
                .max();
    }

    private void agent(Map<String, Double> values) {
        files.kibibytes("proc/self/smaps_rollup", "Pss")
                .or(() -> files.kibibytes("proc/self/status", "VmRSS"))
                .ifPresent(bytes -> values.put("agent_memory_bytes", (double) bytes));
    }
}
