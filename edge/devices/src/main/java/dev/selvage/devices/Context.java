package dev.selvage.devices;

import java.time.Clock;

/** What every device of the node shares. */
record Context(DevicesConfig config, Authorities authorities, DeviceListener listener, WriteMemory memory) {
    Clock clock() {
        return config.clock();
    }

    long nowMillis() {
        return clock().millis();
    }
}
