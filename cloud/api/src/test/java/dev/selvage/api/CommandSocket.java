package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A client of pods/exec that shows what goes over the wire: the JDK's WebSocket. */
final class CommandSocket implements WebSocket.Listener {
    private final Map<Integer, ByteArrayOutputStream> channels = new TreeMap<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private final WebSocket socket;

    CommandSocket(TestApi api, String pod, String flags, String protocol, List<String> command) throws Exception {
        String query = command.stream()
                .map(word -> "command=" + URLEncoder.encode(word, StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        socket = api.client(api.admin)
                .newWebSocketBuilder()
                .subprotocols(protocol)
                .buildAsync(
                        URI.create("wss://127.0.0.1:" + api.port() + "/api/v1/namespaces/" + pod.replace("/", "/pods/")
                                + "/exec?" + query + flags),
                        this)
                .get(30, TimeUnit.SECONDS);
    }

    String protocol() {
        return socket.getSubprotocol();
    }

    void send(int channel, byte[] bytes) throws Exception {
        socket.sendBinary(
                        ByteBuffer.allocate(1 + bytes.length)
                                .put((byte) channel)
                                .put(bytes)
                                .flip(),
                        true)
                .get(30, TimeUnit.SECONDS);
    }

    /** As a client that is killed. */
    void abort() {
        socket.abort();
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        message.writeBytes(bytes);
        if (last) {
            byte[] whole = message.toByteArray();
            message.reset();
            synchronized (this) {
                channels.computeIfAbsent((int) whole[0], _ -> new ByteArrayOutputStream())
                        .write(whole, 1, whole.length - 1);
            }
        }
        from.request(1);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed.complete(code);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        closed.completeExceptionally(error);
    }

    /** The close code, when the server has closed. */
    int awaitClose() throws Exception {
        return closed.get(30, TimeUnit.SECONDS);
    }

    synchronized byte[] channel(int number) {
        ByteArrayOutputStream bytes = channels.get(number);
        return bytes == null ? new byte[0] : bytes.toByteArray();
    }

    String text(int number) {
        return new String(channel(number), StandardCharsets.UTF_8);
    }

    ObjectNode status() {
        return Json.parseObject(channel(ExecProtocol.ERROR));
    }
}
