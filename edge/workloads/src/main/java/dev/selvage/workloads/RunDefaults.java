package dev.selvage.workloads;

import java.util.Map;

/**
 * What a run gets where its pod says nothing.
 *
 * @param user uid and gid, {@link RunSpec.User#OF_IMAGE} = as the image says; it also owns the files of volumes
 * @param environment below what the pod gives
 */
public record RunDefaults(int user, Map<String, String> environment) {
    public RunDefaults {
        environment = Map.copyOf(environment);
    }
}
