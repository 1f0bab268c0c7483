package dev.selvage.session;

import dev.selvage.link.Machine;

/**
 * What this machine says of itself, so that the centre can tell it from another one with a copy of its disk. All empty where nothing is said.
 *
 * @param machineId machine-id(5)
 * @param directory where the agent keeps its state
 */
public record NodeMachine(String host, String machineId, String directory) {
    public static final NodeMachine UNSAID = new NodeMachine("", "", "");

    Machine message() {
        return Machine.newBuilder()
                .setHost(host)
                .setMachineId(machineId)
                .setDirectory(directory)
                .build();
    }
}
