package dev.selvage.workloads;

import dev.selvage.model.Pod;

/**
 * What the containers of a pod share.
 *
 * @param pod whose network, ports, sysctls and host aliases the runtime reads
 * @param hostname inside the pod
 */
public record PodSandbox(Pod pod, String hostname) {
    public String uid() {
        return pod.uid();
    }
}
