package dev.selvage.workloads;

import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * How pods run on this node.
 *
 * @param home state of the pods; survives restarts of agent and machine
 * @param nodeName this node
 * @param hostIp the address reported as hostIP, and as podIP of pods on the host's network; probes go there by default
 * @param maxPods a pod beyond that number is refused with reason {@code OutOfpods}
 * @param parallelStarts how many containers may be in the middle of a start at once; others wait
 * @param clock for back-off, grace periods and timestamps
 * @param api what apps may reach of the node; empty = pods get neither address nor token
 * @param allocatable what containers without limits are told to have
 */
public record PodsConfig(
        Path home,
        String nodeName,
        String hostIp,
        int maxPods,
        int parallelStarts,
        Clock clock,
        Optional<LoopbackApi> api,
        NodeResources allocatable) {
    public static final int DEFAULT_MAX_PODS = 110;

    public PodsConfig {
        if (maxPods < 1 || parallelStarts < 1) {
            throw new IllegalArgumentException(
                    "maxPods %d and parallelStarts %d must be at least 1".formatted(maxPods, parallelStarts));
        }
    }

    public static PodsConfig of(Path home, String nodeName, String hostIp) {
        return new PodsConfig(
                home,
                nodeName,
                hostIp,
                DEFAULT_MAX_PODS,
                8,
                Clock.systemUTC(),
                Optional.empty(),
                NodeResources.UNKNOWN);
    }

    public PodsConfig withApi(URI address, TokenSource tokens) {
        return new PodsConfig(
                home,
                nodeName,
                hostIp,
                maxPods,
                parallelStarts,
                clock,
                Optional.of(new LoopbackApi(address, tokens)),
                allocatable);
    }

    public PodsConfig withClock(Clock other) {
        return new PodsConfig(home, nodeName, hostIp, maxPods, parallelStarts, other, api, allocatable);
    }

    public PodsConfig withAllocatable(NodeResources other) {
        return new PodsConfig(home, nodeName, hostIp, maxPods, parallelStarts, clock, api, other);
    }

    /**
     * The node's API for local apps: each container finds {@code SELVAGE_API} (address) and {@code SELVAGE_TOKEN_FILE}
     * (path of a file that holds the pod's token) in its environment.
     */
    public record LoopbackApi(URI address, TokenSource tokens) {}

    /** Gives a pod its token; asked at every start of a container, must answer the same for the same uid. */
    @FunctionalInterface
    public interface TokenSource {
        String token(String namespace, String pod, String uid);
    }
}
