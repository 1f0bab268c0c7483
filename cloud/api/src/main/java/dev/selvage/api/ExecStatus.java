package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.List;

/** How a command ended, as the error channel tells it (kubernetes, cri-streaming remotecommand exec.go, ServeExec). */
final class ExecStatus {
    private ExecStatus() {}

    static ObjectNode exited(int code, List<String> command) {
        if (code == 0) {
            ObjectNode status = Json.object();
            status.putObject("metadata");
            return status.put("status", "Success");
        }
        ObjectNode status = failure("command terminated with non-zero exit code: error executing command ["
                        + String.join(" ", command) + "], exit code " + code)
                .put("reason", "NonZeroExitCode");
        status.putObject("details")
                .putArray("causes")
                .addObject()
                .put("reason", "ExitCode")
                .put("message", Integer.toString(code));
        return status;
    }

    /** The command was not run, or cut off. */
    static ObjectNode failed(String why) {
        String message = "error executing command in container: " + why;
        ObjectNode status = failure("Internal error occurred: " + message).put("reason", "InternalError");
        status.putObject("details").putArray("causes").addObject().put("message", message);
        return status.put("code", 500);
    }

    private static ObjectNode failure(String message) {
        ObjectNode status = Json.object();
        status.putObject("metadata");
        return status.put("status", "Failure").put("message", message);
    }
}
