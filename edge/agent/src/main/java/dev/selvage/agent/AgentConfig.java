package dev.selvage.agent;

import dev.selvage.containers.ContainersConfig;
import dev.selvage.lanes.LanesConfig;
import dev.selvage.session.HubAddress;
import dev.selvage.workloads.PodsConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What {@code agent.properties} says.
 *
 * @param hubs empty until the node has enrolled; it then works alone
 * @param loopbackPort port of the loopback API; 0 = any free one
 * @param address the node's address as others see it; found out when absent
 * @param metricsInterval how often the node tells the centre its figures
 * @param linkMaxBackoff last upper bound of the wait between attempts to link
 * @param engine the container engine's socket; empty = this node runs no containers
 * @param containerNetwork the engine's network of pods that have not the node's
 */
record AgentConfig(
        String nodeName,
        List<HubAddress> hubs,
        int loopbackPort,
        Optional<String> address,
        Duration metricsInterval,
        Duration linkMaxBackoff,
        int maxPods,
        LanesConfig lanes,
        Optional<Path> engine,
        String containerNetwork) {
    static final int DEFAULT_PORT = 7441;

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final Set<String> KEYS = Set.of(
            "node-name",
            "hubs",
            "loopback-port",
            "node-address",
            "metrics-interval",
            "link-max-backoff",
            "max-pods",
            "lane-live-size",
            "lane-backlog-size",
            "lanes-total-size",
            "container-engine",
            "container-network");

    AgentConfig {
        hubs = List.copyOf(hubs);
    }

    static AgentConfig read(Home home) {
        SettingsFile file = SettingsFile.read(home.config(), KEYS);
        return new AgentConfig(
                nodeName(file),
                hubs(file),
                file.number("loopback-port", DEFAULT_PORT, 0, 65535),
                file.text("node-address"),
                file.duration("metrics-interval", Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofMinutes(10)),
                file.duration("link-max-backoff", Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofMinutes(10)),
                file.number("max-pods", PodsConfig.DEFAULT_MAX_PODS, 1, 1000),
                lanes(file),
                engine(file),
                file.text("container-network").orElse("bridge"));
    }

    private static Optional<Path> engine(SettingsFile file) {
        String text = file.text("container-engine").orElse(ContainersConfig.DEFAULT_SOCKET.toString());
        if (text.equals("none")) {
            return Optional.empty();
        }
        String path = text.startsWith("unix://") ? text.substring("unix://".length()) : text;
        if (!path.startsWith("/")) {
            throw file.wrong("container-engine", "none, or the path of a Docker Engine's Unix socket");
        }
        return Optional.of(Path.of(path));
    }

    private static String nodeName(SettingsFile file) {
        String name = file.text("node-name").orElseGet(AgentConfig::hostName);
        if (!isName(name)) {
            throw file.wrong(
                    "node-name", "a DNS subdomain: lower-case letters, digits, '-' and '.' (host name: " + name + ")");
        }
        return name;
    }

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
        } catch (UnknownHostException e) {
            return "";
        }
    }

    private static List<HubAddress> hubs(SettingsFile file) {
        try {
            return file.list("hubs").stream().map(HubAddress::parse).toList();
        } catch (IllegalArgumentException e) {
            throw file.wrong("hubs", "HOST:PORT, several separated by commas");
        }
    }

    private static LanesConfig lanes(SettingsFile file) {
        LanesConfig standard = LanesConfig.standard();
        long least = 4L * standard.segmentBytes();
        long live = file.bytes("lane-live-size", standard.liveBytes(), least);
        long backlog = file.bytes("lane-backlog-size", standard.backlogBytes(), least);
        return new LanesConfig(
                live,
                backlog,
                file.bytes("lanes-total-size", Math.max(live + backlog, standard.totalBytes()), 2 * least),
                standard.segmentBytes(),
                standard.recentBytes(),
                standard.maxRecordBytes());
    }
}
