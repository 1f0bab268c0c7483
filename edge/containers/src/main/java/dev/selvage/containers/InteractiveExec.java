package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.workloads.ExecEnd;
import dev.selvage.workloads.ExecRequest;
import dev.selvage.workloads.ExecStreams;
import dev.selvage.workloads.TerminalSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/** A command in a container with its streams: the connection becomes them (Engine API, "exec start", hijacked). */
final class InteractiveExec {
    private static final System.Logger LOG = System.getLogger(InteractiveExec.class.getName());

    private final Engine engine;

    InteractiveExec(Engine engine) {
        this.engine = engine;
    }

    /** @throws IOException when the client has gone; its command is ended then */
    ExecEnd run(String container, ExecRequest request, ExecStreams streams) throws IOException {
        String exec;
        try {
            ObjectNode streamed =
                    Json.object().put("AttachStdin", request.stdin()).put("Tty", request.tty());
            exec = ContainerExec.create(engine, container, request.command(), streamed);
        } catch (IOException e) {
            return new ExecEnd.NotPossible(String.valueOf(e.getMessage()));
        }
        try (EngineConnection connection = engine.open(engine.path("/exec/" + exec + "/start"), Engine.SHORT)) {
            HttpReply reply;
            try {
                reply = start(connection, request);
            } catch (IOException e) {
                return new ExecEnd.NotPossible(String.valueOf(e.getMessage()));
            }
            connection.limit(Deadline.NEVER);
            converse(exec, connection, reply.body(), request, streams);
        }
        JsonNode state = engine.get("/exec/" + exec + "/json");
        return new ExecEnd.Exited(state.path("ExitCode").asInt());
    }

    private static HttpReply start(EngineConnection connection, ExecRequest request) throws IOException {
        byte[] body = Json.bytes(Json.object().put("Detach", false).put("Tty", request.tty()));
        Map<String, String> headers =
                Map.of("Content-Type", "application/json", "Connection", "Upgrade", "Upgrade", "tcp");
        HttpReply reply = connection.request("POST", headers, body);
        Engine.check(reply);
        return reply;
    }

    private void converse(
            String exec, EngineConnection connection, InputStream output, ExecRequest request, ExecStreams streams)
            throws IOException {
        Thread typing = Thread.ofVirtual()
                .name("exec-stdin")
                .start(() -> type(request.stdin() ? streams.stdin() : InputStream.nullInputStream(), connection));
        if (request.tty()) {
            streams.onResize(size -> resize(exec, size));
        }
        try {
            new Frames(output, request.tty()).copyTo((stream, bytes, offset, length) -> {
                OutputStream to = stream == Frames.STDERR ? streams.stderr() : streams.stdout();
                to.write(bytes, offset, length);
                to.flush();
            });
        } catch (IOException e) {
            ContainerExec.end(engine, exec);
            throw e;
        } finally {
            typing.interrupt();
        }
    }

    /** A client that goes is noticed by who writes to it. */
    private static void type(InputStream from, EngineConnection to) {
        byte[] buffer = new byte[4 << 10];
        try {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                to.out().write(buffer, 0, count);
            }
            to.endOutput();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "standard input of a command ended: {0}", e.getMessage());
        }
    }

    private void resize(String exec, TerminalSize size) {
        try {
            engine.post("/exec/%s/resize?h=%d&w=%d".formatted(exec, size.rows(), size.columns()), Engine.SHORT);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a terminal keeps its size: {0}", e.getMessage());
        }
    }
}
