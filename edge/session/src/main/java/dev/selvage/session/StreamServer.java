package dev.selvage.session;

import com.google.protobuf.ByteString;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.LogQuery;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.StreamData;
import dev.selvage.link.StreamEnd;
import dev.selvage.link.StreamOpen;
import dev.selvage.link.StreamRequest;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** Answers the hub's requests for interactive streams, each with a connection of its own, so that TCP does the flow control. */
final class StreamServer {
    private static final System.Logger LOG = System.getLogger(StreamServer.class.getName());
    private static final int CHUNK = 32 * 1024;

    private final SessionConfig config;
    private final StreamHandler handler;
    private final Semaphore free;
    /** Those that are told that there is no place take a thread and a connection, too. */
    private final Semaphore heard;

    StreamServer(SessionConfig config, StreamHandler handler) {
        this.config = config;
        this.handler = handler;
        this.free = new Semaphore(config.maxStreams());
        this.heard = new Semaphore(2 * config.maxStreams());
    }

    /** Returns at once; the stream runs on a thread of its own and ends by itself. */
    void serve(StreamRequest request, HubAddress hub, CentreTrust trust, NodeIdentity identity, long epoch) {
        if (!heard.tryAcquire()) {
            LOG.log(Level.WARNING, "the hub asks for more streams than the node answers, " + 2 * config.maxStreams());
            return;
        }
        Thread.ofVirtual().name("link-stream-" + request.getId()).start(() -> {
            boolean admitted = free.tryAcquire();
            try (var connection = HubConnection.open(hub, trust, identity, config.connectTimeout())) {
                connection.send(NodeMessage.newBuilder()
                        .setStreamOpen(StreamOpen.newBuilder()
                                .setProtocol(LinkProtocol.VERSION)
                                .setNode(identity.node())
                                .setId(request.getId())
                                .setEpoch(epoch))
                        .build());
                if (connection.receive().getMessageCase() == HubMessage.MessageCase.STREAM_ACCEPTED) {
                    end(
                            connection,
                            admitted
                                    ? run(request, connection)
                                    : "the node serves its limit of " + config.maxStreams()
                                            + " streams already; try again later");
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "stream " + request.getId() + " ended: " + e.getMessage());
            } finally {
                if (admitted) {
                    free.release();
                }
                heard.release();
            }
        });
    }

    /** The error to report; empty when the stream is complete. */
    private String run(StreamRequest request, HubConnection connection) {
        if (request.getRequestCase() != StreamRequest.RequestCase.LOGS) {
            return "this node does not know the kind of stream that was asked for";
        }
        var served = new AtomicBoolean();
        try (var out = new BufferedOutputStream(new Chunks(connection), CHUNK)) {
            watch(connection, Thread.currentThread(), served);
            handler.logs(log(request.getLogs()), out);
            return "";
        } catch (IOException | RuntimeException | Error e) {
            return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        } finally {
            served.set(true);
        }
    }

    /** A reader who has gone would be noticed by the next write only, which a silent log never makes: whoever serves him is interrupted. */
    private static void watch(HubConnection connection, Thread serving, AtomicBoolean served) throws IOException {
        connection.silence(Duration.ZERO);
        Thread.ofVirtual().name("link-stream-watch").start(() -> {
            try {
                while (true) {
                    connection.receive();
                }
            } catch (IOException e) {
                if (!served.get()) {
                    serving.interrupt();
                }
            }
        });
    }

    private static void end(HubConnection connection, String error) throws IOException {
        connection.send(NodeMessage.newBuilder()
                .setStreamEnd(StreamEnd.newBuilder().setError(error))
                .build());
    }

    private static LogRequest log(LogQuery query) {
        return new LogRequest(
                ObjectKey.of(Kinds.POD, query.getNamespace(), query.getPod()),
                query.getUid(),
                query.getContainer(),
                query.getFollow(),
                query.getPrevious(),
                query.getTimestamps(),
                query.hasTailLines() ? OptionalLong.of(query.getTailLines()) : OptionalLong.empty(),
                query.hasSinceMillis() ? Optional.of(Duration.ofMillis(query.getSinceMillis())) : Optional.empty(),
                query.hasLimitBytes() ? OptionalLong.of(query.getLimitBytes()) : OptionalLong.empty());
    }

    /** Bytes as frames; a write waits while the reader at the other end does not read. */
    private static final class Chunks extends OutputStream {
        private final HubConnection connection;

        Chunks(HubConnection connection) {
            this.connection = connection;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int at = offset; at < offset + length; at += CHUNK) {
                int size = Math.min(CHUNK, offset + length - at);
                connection.send(NodeMessage.newBuilder()
                        .setStreamData(StreamData.newBuilder().setData(ByteString.copyFrom(bytes, at, size)))
                        .build());
            }
        }
    }
}
