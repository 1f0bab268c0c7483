package dev.selvage.workloads;

import java.util.OptionalLong;

/**
 * What the containers of a pod share.
 *
 * @param cpuMillis sum of the containers' CPU limits when each has one
 */
public record PodSandbox(String uid, String namespace, String name, boolean hostNetwork, OptionalLong cpuMillis) {}
