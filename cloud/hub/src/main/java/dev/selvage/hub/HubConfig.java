package dev.selvage.hub;

/**
 * Where the hub listens, how long it waits and how much it takes.
 *
 * @param port 0 takes a free one, see {@link Hub#port()}
 * @param name of this hub among several, kept with each session
 */
public record HubConfig(String host, int port, String name, HubTimes times, HubLimits limits) {
    public HubConfig {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("link-port: found " + port + ", accepted are 0 to 65535");
        }
    }

    public static HubConfig defaults(String host, int port) {
        return new HubConfig(host, port, "hub", HubTimes.DEFAULTS, HubLimits.DEFAULTS);
    }

    public HubConfig with(HubTimes other) {
        return new HubConfig(host, port, name, other, limits);
    }

    public HubConfig with(HubLimits other) {
        return new HubConfig(host, port, name, times, other);
    }

    /** @param openFiles that the process may have */
    public HubConfig withinOpenFiles(long openFiles) {
        return with(limits.withinOpenFiles(openFiles));
    }
}
