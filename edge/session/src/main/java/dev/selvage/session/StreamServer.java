package dev.selvage.session;

import dev.selvage.link.CommandInput;
import dev.selvage.link.ExecQuery;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.LogQuery;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.StreamEnd;
import dev.selvage.link.StreamOpen;
import dev.selvage.link.StreamRequest;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

    private final Set<HubConnection> commands = ConcurrentHashMap.newKeySet();
    private volatile long endedEpoch = -1;

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
                                    ? run(request, connection, epoch)
                                    : failed("the node serves its limit of " + config.maxStreams()
                                            + " streams already; try again later"));
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

    private StreamEnd run(StreamRequest request, HubConnection connection, long epoch) {
        var served = new AtomicBoolean();
        try {
            return switch (request.getRequestCase()) {
                case LOGS -> logs(request.getLogs(), connection, served);
                case EXEC -> command(request.getExec(), connection, epoch, served);
                case REQUEST_NOT_SET -> failed("this node does not know the kind of stream that was asked for");
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed("the client has gone");
        } catch (IOException | RuntimeException | Error e) {
            return failed(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
        } finally {
            served.set(true);
        }
    }

    private StreamEnd logs(LogQuery query, HubConnection connection, AtomicBoolean served) throws IOException {
        try (var out = new BufferedOutputStream(new CommandPipe(connection).stdout(), CHUNK)) {
            watch(connection, Thread.currentThread(), served, _ -> {});
            handler.logs(log(query), out);
        }
        return StreamEnd.getDefaultInstance();
    }

    /** It ends with the session that asked for it, too: who is cut off must not leave a command behind. */
    private StreamEnd command(ExecQuery query, HubConnection connection, long epoch, AtomicBoolean served)
            throws IOException, InterruptedException {
        var pipe = new CommandPipe(connection);
        commands.add(connection);
        try {
            if (epoch <= endedEpoch) { // between the request and here
                throw new LinkException("the session that asked for the command has ended");
            }
            watch(connection, Thread.currentThread(), served, pipe::take);
            return StreamEnd.newBuilder()
                    .setExitCode(handler.run(command(query), pipe))
                    .build();
        } finally {
            commands.remove(connection);
            pipe.end();
        }
    }

    /** The session has ended: so do the commands that were asked for in it. */
    void endCommands(long epoch) {
        endedEpoch = epoch;
        commands.forEach(HubConnection::close);
    }

    private interface Input {
        void take(CommandInput input) throws IOException;
    }

    /** A reader who has gone would be noticed by the next write only, which a silent log never makes: whoever serves him is interrupted. */
    private static void watch(HubConnection connection, Thread serving, AtomicBoolean served, Input input)
            throws IOException {
        connection.silence(Duration.ZERO);
        Thread.ofVirtual().name("link-stream-watch").start(() -> {
            try {
                while (true) {
                    HubMessage message = connection.receive();
                    if (message.getMessageCase() == HubMessage.MessageCase.COMMAND_INPUT) {
                        input.take(message.getCommandInput());
                    }
                }
            } catch (IOException e) {
                if (!served.get()) {
                    serving.interrupt();
                }
            }
        });
    }

    private static void end(HubConnection connection, StreamEnd end) throws IOException {
        connection.send(NodeMessage.newBuilder().setStreamEnd(end).build());
    }

    private static StreamEnd failed(String message) {
        return StreamEnd.newBuilder().setError(message).build();
    }

    private static CommandRequest command(ExecQuery query) {
        return new CommandRequest(
                ObjectKey.of(Kinds.POD, query.getNamespace(), query.getPod()),
                query.getUid(),
                query.getContainer(),
                query.getCommandList(),
                query.getTty(),
                query.getStdin());
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
}
