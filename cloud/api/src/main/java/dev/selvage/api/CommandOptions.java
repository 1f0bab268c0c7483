package dev.selvage.api;

import java.util.List;

/**
 * Which command is wanted, as upstream's PodExecOptions.
 *
 * @param container never empty: the API resolves the pod's only or default container
 * @param command the program and its arguments; never empty
 * @param tty on a terminal; there is no standard error then
 * @param stdin whether there will be input
 * @param stdout whether standard output is wanted
 * @param stderr whether standard error is wanted
 */
public record CommandOptions(
        String container, List<String> command, boolean tty, boolean stdin, boolean stdout, boolean stderr) {
    public CommandOptions {
        command = List.copyOf(command);
    }
}
