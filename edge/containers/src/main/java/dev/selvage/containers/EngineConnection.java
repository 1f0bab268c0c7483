package dev.selvage.containers;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** One request and its answer over a connection of its own: a Unix socket is cheap to open, and nothing can be left in it by the one before. */
final class EngineConnection implements Closeable {
    private final Path socket;
    private final String target;
    private final SocketChannel channel;
    private final Deadline deadline;
    private final OutputStream out;
    private final InputStream in;

    /** Writes the body of a request. */
    @FunctionalInterface
    interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    private EngineConnection(Path socket, String target, SocketChannel channel, Duration limit) {
        this.socket = socket;
        this.target = target;
        this.channel = channel;
        this.deadline = new Deadline(channel, limit);
        this.out = new ChannelStreams.Out(channel);
        this.in = new ChannelStreams.In(channel);
    }

    /** @param limit after which the connection is closed, whatever it does */
    static EngineConnection open(Path socket, String target, Duration limit) throws EngineAwayException {
        try {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
            return new EngineConnection(socket, target, channel, limit);
        } catch (IOException e) {
            throw new EngineAwayException("no container engine at %s: %s".formatted(socket, e.getMessage()), e);
        }
    }

    HttpReply request(String method, Map<String, String> headers, byte[] body) throws IOException {
        return exchange(method, headers, "Content-Length: " + body.length, sink -> sink.write(body));
    }

    /** The body may be of any length: it goes in chunks. */
    HttpReply upload(String method, Map<String, String> headers, Body body) throws IOException {
        return exchange(method, headers, "Transfer-Encoding: chunked", sink -> {
            OutputStream chunks = new ChunkedOutput(sink);
            body.writeTo(chunks);
            chunks.close(); // only a body that is whole has an end
        });
    }

    private HttpReply exchange(String method, Map<String, String> headers, String framing, Body body)
            throws IOException {
        try {
            StringBuilder head = new StringBuilder(200)
                    .append(method + " " + target + " HTTP/1.1\r\nHost: engine\r\n")
                    .append(framing)
                    .append("\r\n");
            headers.forEach((name, value) ->
                    head.append(name).append(": ").append(value).append("\r\n"));
            if (!headers.containsKey("Connection")) {
                head.append("Connection: close\r\n");
            }
            out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            try {
                body.writeTo(out);
            } catch (ChannelStreams.NotTakenException e) {
                return early(e);
            }
            return HttpReply.read(in);
        } catch (IOException e) {
            throw explained(e);
        }
    }

    /** Who takes no more of a body may have said why. */
    private HttpReply early(IOException e) throws IOException {
        try {
            return HttpReply.read(in);
        } catch (IOException silent) {
            e.addSuppressed(silent);
            throw e;
        }
    }

    /** A failure of this connection in words: over when it took too long. */
    IOException explained(IOException e) {
        if (e instanceof EngineException || e instanceof EngineAwayException || e instanceof ArchiveException) {
            return e;
        }
        return new EngineAwayException(
                deadline.passed()
                        ? "the container engine at %s did not answer %s within %d s"
                                .formatted(socket, path(), deadline.limit().toSeconds())
                        : "the container engine at %s broke off %s: %s".formatted(socket, path(), e.getMessage()),
                e);
    }

    boolean timedOut() {
        return deadline.passed();
    }

    private String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    void limit(Duration fromNow) {
        deadline.extend(fromNow);
    }

    OutputStream out() {
        return out;
    }

    /** Nothing more will be sent; what the other side sends still comes. */
    void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        deadline.close();
        channel.close();
    }
}
