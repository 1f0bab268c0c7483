package dev.selvage.server;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What the operating system allows this process (getrlimit(2), RLIMIT_NOFILE). */
final class OpenFiles {
    private static final long COMMON = 1024;

    private OpenFiles() {}

    static long limit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount()
                : COMMON;
    }
}
