package dev.selvage.hub;

import com.google.protobuf.ByteString;
import dev.selvage.link.CommandInput;
import dev.selvage.link.HubMessage;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.StreamEnd;
import dev.selvage.link.TerminalSize;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A command that runs on a node. One thread takes its {@link #next} events until the end; others may type meanwhile. What the command writes waits on the node while
 * nobody takes it, and what is typed waits here while the command does not read.
 */
public final class NodeCommand implements AutoCloseable {
    /** Bytes that the node has not taken yet; link.proto, CommandInput. */
    private static final int WINDOW = 256 * 1024;

    private static final int CHUNK = 32 * 1024;
    private static final Duration SILENCE = Duration.ofDays(2);

    private final NodeConnection connection;
    private final NodeSession session;
    private final Runnable released;
    private final Runnable companion = this::cut;
    private final Semaphore window = new Semaphore(WINDOW);
    private final AtomicBoolean open = new AtomicBoolean(true);
    private volatile boolean sessionEnded;

    /** What the command does. */
    public sealed interface Event {
        /** @param bytes never empty */
        record Output(ByteBuffer bytes, boolean stderr) implements Event {}

        /** The last event. */
        record Ended(int exitCode) implements Event {}

        /** The last event: the node could not run it. */
        record Failed(String message) implements Event {}
    }

    NodeCommand(NodeConnection connection, NodeSession session, Runnable released) {
        this.connection = connection;
        this.session = session;
        this.released = released;
        session.with(companion);
    }

    /**
     * Waits for what comes next.
     *
     * @throws IOException when the link to the node, or this, was cut before the command ended
     */
    public Event next() throws IOException {
        try {
            while (true) {
                NodeMessage message = connection.receive(SILENCE);
                switch (message.getMessageCase()) {
                    case STREAM_DATA -> {
                        ByteString data = message.getStreamData().getData();
                        if (data.isEmpty()) { // else it could keep its reader busy for ever
                            throw PeerException.close("a piece of a stream without a byte");
                        }
                        return new Event.Output(
                                data.asReadOnlyByteBuffer(),
                                message.getStreamData().getStderr());
                    }
                    case INPUT_TAKEN -> taken(message.getInputTaken().getBytes());
                    case STREAM_END -> {
                        return ended(message.getStreamEnd());
                    }
                    case HELLO,
                            ENROLL,
                            RENEW_BEGIN,
                            RENEW_PROOF,
                            STREAM_OPEN,
                            HEARTBEAT,
                            STORED,
                            REPORTS,
                            LANE_BATCH,
                            TRUST_STORED,
                            MESSAGE_NOT_SET ->
                        throw PeerException.close(message.getMessageCase() + " in the middle of a command");
                }
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (IOException e) {
            close();
            throw sessionEnded ? new IOException("the link to the node was cut", e) : e;
        }
    }

    private void taken(int bytes) throws PeerException {
        if (bytes < 1 || bytes > WINDOW - window.availablePermits()) {
            throw PeerException.close("a command took " + Integer.toUnsignedString(bytes) + " bytes of "
                    + (WINDOW - window.availablePermits()));
        }
        window.release(bytes);
    }

    private Event ended(StreamEnd end) throws PeerException {
        close();
        if (!end.getError().isEmpty()) {
            return new Event.Failed(end.getError());
        }
        if (!end.hasExitCode()) {
            throw PeerException.close("a command ended without an exit code");
        }
        return new Event.Ended(end.getExitCode());
    }

    /** Types; waits while the command has too much that it did not read. */
    public void input(byte[] bytes) throws IOException {
        for (int at = 0; at < bytes.length; at += CHUNK) {
            int size = Math.min(CHUNK, bytes.length - at);
            await(size);
            send(CommandInput.newBuilder().setData(ByteString.copyFrom(bytes, at, size)));
        }
    }

    private void await(int size) throws IOException {
        try {
            while (!window.tryAcquire(size, 1, TimeUnit.SECONDS)) {
                if (!open.get()) {
                    throw PeerException.close("the command has ended");
                }
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Nothing more will be typed. */
    public void endInput() throws IOException {
        send(CommandInput.newBuilder().setEnd(true));
    }

    public void resize(int columns, int rows) throws IOException {
        send(CommandInput.newBuilder()
                .setSize(TerminalSize.newBuilder().setColumns(columns).setRows(rows)));
    }

    private void send(CommandInput.Builder input) throws IOException {
        try {
            connection.send(HubMessage.newBuilder().setCommandInput(input).build());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return (IOException) new InterruptedIOException("interrupted").initCause(e);
    }

    private void cut() {
        sessionEnded = true;
        close();
    }

    /** Ends the command, if it runs still. */
    @Override
    public void close() {
        if (open.getAndSet(false)) {
            session.without(companion);
            connection.close();
            released.run();
        }
    }
}
