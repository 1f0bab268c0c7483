package dev.selvage.server;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.selvage.model.Measured;
import dev.selvage.model.Metrics;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;

/** What the operating system and the JVM give this process, and how much of it is used. */
final class ProcessFigures implements Measured {
    @Override
    public void measure(Metrics into) {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        into.limit("process_heap_bytes", heap.getUsed(), heap.getMax());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
            into.limit("process_open_files", unix.getOpenFileDescriptorCount(), unix.getMaxFileDescriptorCount());
            into.counter("process_cpu_seconds_total", "processor time used", unix.getProcessCpuTime() / 1e9);
        }
        into.gauge(
                "process_start_time_seconds",
                "when the process began, since 1970",
                ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
    }
}
