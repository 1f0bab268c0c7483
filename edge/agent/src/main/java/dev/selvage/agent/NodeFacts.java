package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Labels;
import dev.selvage.session.NodeMachine;
import dev.selvage.workloads.NodeResources;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the machine is (upstream's NodeStatus: capacity, nodeInfo, addresses); read once at the start. */
final class NodeFacts {
    /** Kept back for the system and the agent itself. */
    private static final long RESERVED_MEMORY = 128L << 20;

    private final SystemFiles files;
    private final Path disk;
    private final String nodeName;
    private final Optional<String> address;
    private final int maxPods;

    NodeFacts(SystemFiles files, Path disk, String nodeName, Optional<String> address, int maxPods) {
        this.files = files;
        this.disk = disk;
        this.nodeName = nodeName;
        this.address = address;
        this.maxPods = maxPods;
    }

    /** The part of the Node's status that does not change while the agent runs. */
    ObjectNode status() {
        ObjectNode status = Json.object();
        NodeResources capacity = capacity();
        resources(status.putObject("capacity"), capacity);
        resources(status.putObject("allocatable"), allocatable(capacity));
        addresses(status.putArray("addresses"));
        info(status.putObject("nodeInfo"));
        return status;
    }

    /** The part of it that pods may be told of. */
    NodeResources allocatable() {
        return allocatable(capacity());
    }

    private static NodeResources allocatable(NodeResources capacity) {
        return new NodeResources(
                capacity.cpuMillis(), Math.max(0, capacity.memoryBytes() - RESERVED_MEMORY), capacity.storageBytes());
    }

    private NodeResources capacity() {
        long memory = files.kibibytes("proc/meminfo", "MemTotal").orElse(0L);
        return new NodeResources(cpus() * 1000L, memory, diskBytes());
    }

    /** What the centre is told of this machine, beside who the node is. */
    NodeMachine machine() {
        return new NodeMachine(
                files.text("proc/sys/kernel/hostname").orElse("unknown"),
                files.text("etc/machine-id").orElse(""),
                disk.toString());
    }

    private void resources(ObjectNode resources, NodeResources given) {
        resources.put("cpu", Long.toString(given.cpuMillis() / 1000));
        resources.put("memory", given.memoryBytes() / 1024 + "Ki");
        resources.put("pods", Integer.toString(maxPods));
        resources.put("ephemeral-storage", given.storageBytes() / 1024 + "Ki");
    }

    /** From the kernel, not from the JVM, which is told to use one processor only. */
    private int cpus() {
        long cpus = files.lines("proc/stat").stream()
                .filter(line -> line.matches("cpu\\d+ .*"))
                .count();
        return cpus > 0 ? (int) cpus : Runtime.getRuntime().availableProcessors();
    }

    private long diskBytes() {
        try {
            return Files.getFileStore(disk).getTotalSpace();
        } catch (IOException e) {
            return 0;
        }
    }

    private void addresses(ArrayNode addresses) {
        addresses.addObject().put("type", "InternalIP").put("address", address());
        addresses.addObject().put("type", "Hostname").put("address", nodeName);
    }

    /** The configured address, else the first IPv4 address that others may reach, else loopback. */
    String address() {
        return address.or(NodeFacts::firstAddress).orElse("127.0.0.1");
    }

    private static Optional<String> firstAddress() {
        try {
            for (NetworkInterface face : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (face.isUp() && !face.isLoopback()) {
                    for (InetAddress candidate : Collections.list(face.getInetAddresses())) {
                        if (candidate instanceof Inet4Address && !candidate.isLinkLocalAddress()) {
                            return Optional.of(candidate.getHostAddress());
                        }
                    }
                }
            }
        } catch (SocketException e) {
            System.getLogger(NodeFacts.class.getName())
                    .log(System.Logger.Level.DEBUG, "no network interfaces: " + e.getMessage());
        }
        return Optional.empty();
    }

    private void info(ObjectNode info) {
        info.put("machineID", files.text("etc/machine-id").orElse(""));
        info.put("systemUUID", files.text("sys/class/dmi/id/product_uuid").orElse(""));
        info.put("bootID", files.text("proc/sys/kernel/random/boot_id").orElse(""));
        info.put("kernelVersion", files.text("proc/sys/kernel/osrelease").orElse(""));
        info.put("osImage", osImage());
        info.put("containerRuntimeVersion", "selvage://" + Version.AGENT);
        info.put("kubeletVersion", "v" + Version.AGENT + "-selvage");
        info.put("kubeProxyVersion", "");
        info.put("operatingSystem", operatingSystem());
        info.put("architecture", architecture());
    }

    private String osImage() {
        return files.lines("etc/os-release").stream()
                .filter(line -> line.startsWith("PRETTY_NAME="))
                .map(line -> line.substring("PRETTY_NAME=".length()).replace("\"", ""))
                .findFirst()
                .orElse("");
    }

    static String operatingSystem() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    }

    /** Go's name of the architecture, as kubernetes.io/arch has it. */
    static String architecture() {
        String arch = System.getProperty("os.arch", "");
        return switch (arch) {
            case "aarch64" -> "arm64";
            case "x86_64" -> "amd64";
            default -> arch;
        };
    }

    /** Labels that every node carries, given at enrolment. */
    static Map<String, String> labels(String nodeName) {
        Map<String, String> labels = new TreeMap<>();
        labels.put(Labels.ARCH, architecture());
        labels.put(Labels.OS, operatingSystem());
        labels.put(Labels.HOSTNAME, nodeName);
        return labels;
    }
}
