package dev.selvage.containers;

import dev.selvage.workloads.LogRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Copies a container's output as {@link LogRequest} asks. */
final class ContainerLogs {
    private static final Duration ONE_READING = Duration.ofMinutes(5);

    private final Engine engine;

    ContainerLogs(Engine engine) {
        this.engine = engine;
    }

    /** Ends the copying: what was wanted has been written. */
    private static final class EnoughException extends IOException {}

    /** With the fraction of a second that the engine reads (Docker Engine API, ContainerLogs, since). */
    private static String seconds(Instant time) {
        return time.getEpochSecond() + "." + "%03d".formatted(time.getNano() / 1_000_000);
    }

    void copy(String container, boolean tty, LogRequest request, OutputStream out) throws IOException {
        StringBuilder target = new StringBuilder("/containers/" + container + "/logs?stdout=1&stderr=1");
        target.append("&follow=").append(request.follow() ? 1 : 0);
        target.append("&timestamps=").append(request.timestamps() ? 1 : 0);
        request.tailLines().ifPresent(lines -> target.append("&tail=").append(lines));
        request.sinceMillis()
                .ifPresent(millis ->
                        target.append("&since=").append(seconds(Instant.now().minusMillis(millis))));
        Duration limit = request.follow() ? Deadline.NEVER : ONE_READING;
        try (EngineConnection connection = engine.open(engine.path(target.toString()), limit)) {
            HttpReply reply;
            try {
                reply = connection.request("GET", Map.of(), new byte[0]);
                Engine.check(reply);
            } catch (IOException e) {
                throw connection.explained(e);
            }
            long[] left = {request.limitBytes().orElse(Long.MAX_VALUE)};
            new Frames(reply.body(), tty).copyTo((stream, bytes, offset, length) -> {
                int count = (int) Math.min(length, left[0]);
                out.write(bytes, offset, count);
                out.flush();
                left[0] -= count;
                if (left[0] == 0) {
                    throw new EnoughException();
                }
            });
        } catch (EnoughException e) {
            out.flush();
        }
    }
}
