package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.workloads.ExecOutcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Runs a command in a container and takes its output: for probes. */
final class ContainerExec {
    private static final int MOST_OUTPUT = 10 << 10;

    private final Engine engine;

    ContainerExec(Engine engine) {
        this.engine = engine;
    }

    ExecOutcome run(String container, List<String> command, Duration timeout) {
        try {
            String exec = create(engine, container, command, Json.object());
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            boolean ended = follow(exec, output, timeout);
            if (!ended) {
                end(engine, exec);
                return new ExecOutcome.TimedOut();
            }
            JsonNode state = engine.get("/exec/" + exec + "/json");
            return new ExecOutcome.Ended(state.path("ExitCode").asInt(), output.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return new ExecOutcome.NotPossible(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Prepares a command whose two outputs are taken (Engine API, "exec create").
     *
     * @param more what else the engine is to know of it
     * @return the engine's id of the exec
     */
    static String create(Engine engine, String container, List<String> command, ObjectNode more) throws IOException {
        ObjectNode body = more.put("AttachStdout", true).put("AttachStderr", true);
        command.forEach(body.putArray("Cmd")::add);
        return engine.post("/containers/" + container + "/exec", body, Engine.SHORT)
                .path("Id")
                .asText();
    }

    /** False when the command still ran at the timeout. */
    private boolean follow(String exec, ByteArrayOutputStream output, Duration timeout) throws IOException {
        Map<String, String> headers = Map.of("Content-Type", "application/json");
        byte[] body = Json.bytes(Json.object().put("Detach", false).put("Tty", false));
        try (EngineConnection connection = engine.open(engine.path("/exec/" + exec + "/start"), timeout)) {
            try {
                HttpReply reply = connection.request("POST", headers, body);
                Engine.check(reply);
                new Frames(reply.body(), false).copyTo((stream, bytes, offset, length) -> {
                    output.write(bytes, offset, Math.min(length, MOST_OUTPUT - output.size()));
                });
                return true;
            } catch (EngineException e) {
                throw e;
            } catch (IOException e) {
                if (connection.timedOut()) {
                    return false;
                }
                throw connection.explained(e);
            }
        }
    }

    /**
     * The engine ends no exec by itself. Its process is one of this machine, unless the engine lives elsewhere. What a command writes may come before the engine knows
     * its process, so it is asked again for some seconds.
     */
    static void end(Engine engine, String exec) throws IOException {
        for (int asked = 0; asked < 100; asked++) {
            JsonNode state = engine.get("/exec/" + exec + "/json");
            long pid = state.path("Pid").asLong();
            if (pid > 1) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                return;
            }
            if (state.path("ExitCode").isNumber()) {
                return;
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
