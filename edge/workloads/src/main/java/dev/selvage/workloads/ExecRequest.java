package dev.selvage.workloads;

import java.util.List;

/**
 * A command for a running container (upstream's PodExecOptions).
 *
 * @param command the program and its arguments; not a shell's line
 * @param tty on a terminal: standard output and error are one stream then
 * @param stdin whether there is standard input; without it the command reads the end at once
 */
public record ExecRequest(List<String> command, boolean tty, boolean stdin) {
    public ExecRequest {
        command = List.copyOf(command);
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command: found none, accepted is a program with its arguments");
        }
    }
}
