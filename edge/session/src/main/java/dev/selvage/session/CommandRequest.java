package dev.selvage.session;

import dev.selvage.model.ObjectKey;
import java.util.List;

/**
 * What {@code kubectl exec} asks for.
 *
 * @param uid the pod that is meant: another of the same name is not it
 * @param container empty: the only one
 * @param command the program and its arguments
 * @param tty on a terminal; all output is standard output then
 * @param stdin whether anything will be typed
 */
public record CommandRequest(
        ObjectKey pod, String uid, String container, List<String> command, boolean tty, boolean stdin) {
    public CommandRequest {
        command = List.copyOf(command);
    }
}
