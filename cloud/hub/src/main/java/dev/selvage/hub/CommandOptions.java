package dev.selvage.hub;

import java.util.List;

/**
 * Which command is wanted (upstream's PodExecOptions).
 *
 * @param container empty: the pod's only one
 * @param command the program and its arguments
 * @param tty on a terminal; there is no standard error then
 * @param stdin whether there will be input
 */
public record CommandOptions(String container, List<String> command, boolean tty, boolean stdin) {
    public CommandOptions {
        command = List.copyOf(command);
    }
}
