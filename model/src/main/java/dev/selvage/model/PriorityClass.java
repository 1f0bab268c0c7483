package dev.selvage.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * How important pods are (upstream scheduling.k8s.io/v1 PriorityClass).
 *
 * @param globalDefault whether pods that name no class are of this one
 * @param preemptionPolicy PreemptLowerPriority or Never
 */
public record PriorityClass(String name, int value, boolean globalDefault, String preemptionPolicy) {
    public static final String PREEMPT = "PreemptLowerPriority";
    public static final String SYSTEM_PREFIX = "system-";
    /** The highest value that users can give. */
    public static final int HIGHEST = 1_000_000_000;

    /** The two classes that every cluster has, by name. */
    public static final Map<String, Integer> SYSTEM =
            Map.of("system-cluster-critical", 2_000_000_000, "system-node-critical", 2_000_001_000);

    public static PriorityClass of(ObjectNode object) {
        String policy = Json.textAt(object, "preemptionPolicy");
        return new PriorityClass(
                Meta.name(object),
                object.path("value").asInt(0),
                object.path("globalDefault").asBoolean(false),
                policy.isEmpty() ? PREEMPT : policy);
    }

    public static boolean isSystem(String name, long value) {
        Integer known = SYSTEM.get(name);
        return known != null && known == value;
    }
}
