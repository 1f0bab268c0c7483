package dev.selvage.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.SocketFactory;

/** The node's loopback API, asked by a neighbour on the same machine who has the site's token, or none. */
public final class LoopbackDoor implements Door {
    private static final List<String> PATHS = List.of(
            "/status",
            "/pods",
            "/devices",
            "/devices/first-light/room-1",
            "/streams",
            "/lanes",
            "/metrics",
            "/health",
            "/events",
            "/devices/first-light/room-1/properties/compressor",
            "/devices/a/b/properties/c",
            "/",
            "//",
            "/%2e%2e/",
            "/devices/%00/x",
            "*",
            "http://x/");
    private static final String BODY = "{\"value\":true,\"validFor\":\"5s\"}";

    private final Installed installed;
    private final Wire wire;
    private final String token;

    public LoopbackDoor(Installed installed) throws IOException {
        this.installed = installed;
        this.wire = new Wire(SocketFactory.getDefault(), installed.nodePort());
        this.token = installed.siteToken();
    }

    @Override
    public String name() {
        return "loopback";
    }

    @Override
    public String attempt(Draw draw) throws Exception {
        String path = draw.of(PATHS) + (draw.chance(20) ? "/" + draw.word().replaceAll("[\\r\\n ]", "") : "");
        String body = draw.chance(30) ? BODY : "";
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes((draw.of(List.of("GET", "GET", "GET", "POST", "PUT", "x")) + " " + path
                        + " HTTP/1.1\r\nHost: 127.0.0.1:"
                        + installed.nodePort() + "\r\n"
                        + (draw.chance(85)
                                ? "Authorization: Bearer "
                                        + (draw.chance(90) ? token : draw.word().replaceAll("[\\r\\n]", "")) + "\r\n"
                                : "")
                        + "Content-Type: application/json\r\n"
                        + (body.isEmpty()
                                ? ""
                                : "Content-Length: " + (draw.chance(95) ? body.length() : draw.below(9)) + "\r\n")
                        + "Connection: close")
                .getBytes(StandardCharsets.UTF_8));
        byte[] head = draw.chance(30) ? Bytes.mutate(draw, request.toByteArray()) : request.toByteArray();
        request.reset();
        request.writeBytes(head);
        request.writeBytes("\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(
                draw.chance(30)
                        ? Bytes.mutate(draw, body.getBytes(StandardCharsets.UTF_8))
                        : body.getBytes(StandardCharsets.UTF_8));
        byte[] bytes = draw.sent(request.toByteArray());
        wire.close();
        Wire.Answer answer = wire.send(bytes, true);
        // The node's own words: as many readers of events as may be; a device that did not confirm in time.
        boolean told = answer.status() == 503 || answer.status() == 504;
        if (answer.status() >= 500 && !told && answer.status() != 501 && answer.status() != 505) {
            throw new BrokenException(
                    "answer " + answer.status() + ": " + new String(answer.body(), StandardCharsets.UTF_8));
        }
        return answer.status() == 0 ? "closed" : Integer.toString(answer.status());
    }

    @Override
    public long heap() {
        try {
            return Heap.of(installed.pid("agent"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public long heapGrowth() {
        return 6L << 20;
    }

    @Override
    public void close() {
        wire.close();
    }
}
