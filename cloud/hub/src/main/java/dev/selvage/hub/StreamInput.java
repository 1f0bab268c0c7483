package dev.selvage.hub;

import dev.selvage.link.NodeMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** Reads a node's stream. The socket is read as this is, so a slow reader holds the node back and nobody else. */
final class StreamInput extends InputStream {
    /** A followed log may be silent for long; the connection's end is seen at once, a dead node by its session's end. */
    private static final Duration SILENCE = Duration.ofDays(1);

    private final NodeConnection connection;
    private final Runnable released;
    private final AtomicBoolean open = new AtomicBoolean(true);
    private ByteBuffer data = ByteBuffer.allocate(0);
    private boolean ended;

    StreamInput(NodeConnection connection, Runnable released) {
        this.connection = connection;
        this.released = released;
    }

    @Override
    public int read() throws IOException {
        return fill() ? data.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, data.remaining());
        data.get(bytes, offset, count);
        return count;
    }

    @Override
    public int available() {
        return data.remaining();
    }

    private boolean fill() throws IOException {
        while (!data.hasRemaining() && !ended) {
            take(next());
        }
        return data.hasRemaining();
    }

    private NodeMessage next() throws IOException {
        try {
            return connection.receive(SILENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }

    private void take(NodeMessage message) throws IOException {
        switch (message.getMessageCase()) {
            case STREAM_DATA -> {
                data = message.getStreamData().getData().asReadOnlyByteBuffer();
                if (!data.hasRemaining()) { // else it could keep its reader busy for ever
                    close();
                    throw PeerException.close("a piece of a stream without a byte");
                }
            }
            case STREAM_END -> {
                ended = true;
                close();
                if (!message.getStreamEnd().getError().isEmpty()) {
                    throw new IOException(message.getStreamEnd().getError());
                }
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
                    INPUT_TAKEN,
                    MESSAGE_NOT_SET -> {
                close();
                throw PeerException.close(message.getMessageCase() + " in the middle of a stream");
            }
        }
    }

    @Override
    public void close() {
        if (open.getAndSet(false)) {
            connection.close();
            released.run();
        }
    }
}
