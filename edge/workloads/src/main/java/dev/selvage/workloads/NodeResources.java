package dev.selvage.workloads;

/**
 * What this node gives to pods: the limit of a container that names none, as far as it is told of it (core/v1
 * ResourceFieldSelector).
 *
 * @param cpuMillis thousandths of a core
 * @param memoryBytes for all pods together
 * @param storageBytes of the disk that pods write to
 */
public record NodeResources(long cpuMillis, long memoryBytes, long storageBytes) {
    public static final NodeResources UNKNOWN = new NodeResources(0, 0, 0);

    public NodeResources {
        if (cpuMillis < 0 || memoryBytes < 0 || storageBytes < 0) {
            throw new IllegalArgumentException("cpuMillis %d, memoryBytes %d and storageBytes %d must be at least 0"
                    .formatted(cpuMillis, memoryBytes, storageBytes));
        }
    }
}
