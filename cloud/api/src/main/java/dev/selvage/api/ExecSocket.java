package dev.selvage.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.exception.ProtocolException;
import org.jspecify.annotations.Nullable;

/** A command's WebSocket: channels out of frames. Input goes on in the pieces in which it comes; the short messages of other channels are put together. */
final class ExecSocket implements FrameHandler {
    /** The longest message of a channel that is not standard input. */
    private static final int LONGEST = 1024;

    private final Listener listener;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private int channel = -1;
    private volatile @Nullable CoreSession session;

    /** Hears what the client does; calls are one after the other. */
    interface Listener {
        void opened();

        /** Not for longer than it takes to lay the bytes aside. */
        void typed(byte[] bytes);

        void message(int channel, byte[] bytes) throws IOException;

        /** Whether more may come now; if not, {@link ExecSocket#more} is called later. */
        boolean ready();

        void gone();
    }

    ExecSocket(Listener listener) {
        this.listener = listener;
    }

    @Override
    public void onOpen(CoreSession opened, Callback callback) {
        session = opened;
        callback.succeeded();
        listener.opened();
        opened.demand();
    }

    /** Asks for the next frame. */
    void more() {
        CoreSession open = session;
        if (open != null) {
            open.demand();
        }
    }

    @Override
    public void onFrame(Frame frame, Callback callback) {
        try {
            switch (frame.getOpCode()) {
                case OpCode.BINARY, OpCode.TEXT, OpCode.CONTINUATION -> data(frame);
                case OpCode.PING -> pong(frame);
                default -> {} // an answer to our ping; a close, which the session answers
            }
        } catch (IOException | RuntimeException e) {
            callback.failed(new ProtocolException(e.getMessage()));
            return;
        }
        callback.succeeded();
        if (frame.getOpCode() != OpCode.CLOSE && listener.ready()) {
            more();
        }
    }

    private void data(Frame frame) throws IOException {
        ByteBuffer payload = frame.getPayload();
        if (channel < 0) {
            if (!payload.hasRemaining()) {
                return;
            }
            channel = payload.get() & 0xff;
        }
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        if (channel == ExecProtocol.STDIN) {
            listener.typed(bytes);
        } else if (message.size() + bytes.length > LONGEST) {
            throw new IOException("channel " + channel + ": found a message of more than " + LONGEST + " bytes");
        } else {
            message.writeBytes(bytes);
        }
        if (frame.isFin()) {
            finish();
        }
    }

    private void finish() throws IOException {
        int ended = channel;
        channel = -1;
        if (ended != ExecProtocol.STDIN) {
            byte[] whole = message.toByteArray();
            message.reset();
            listener.message(ended, whole);
        }
    }

    private void pong(Frame ping) {
        byte[] payload = new byte[ping.getPayload().remaining()];
        ping.getPayload().get(payload);
        CoreSession open = session;
        if (open != null) {
            open.sendFrame(new Frame(OpCode.PONG, ByteBuffer.wrap(payload)), Callback.NOOP, false);
        }
    }

    /** Sends one message; waits while the client does not read. */
    void send(int to, ByteBuffer bytes) throws IOException {
        ByteBuffer payload = ByteBuffer.allocate(1 + bytes.remaining())
                .put((byte) to)
                .put(bytes)
                .flip();
        send(new Frame(OpCode.BINARY, payload));
    }

    /** A client that has vanished is noticed when TCP gives up on this; there may be nothing else to send for hours. */
    void ping() {
        CoreSession open = session;
        if (open != null) {
            open.sendFrame(new Frame(OpCode.PING), Callback.NOOP, false);
        }
    }

    private void send(Frame frame) throws IOException {
        CoreSession open = session;
        if (open == null) {
            throw new IOException("the client is not there yet");
        }
        var sent = new Callback.Completable();
        open.sendFrame(frame, sent, false);
        await(sent);
    }

    private static void await(Callback.Completable sent) throws IOException {
        try {
            sent.get();
        } catch (ExecutionException e) {
            throw new IOException("the client has gone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    void close() {
        CoreSession open = session;
        if (open != null) {
            open.close(CloseStatus.NORMAL, null, Callback.NOOP);
        }
    }

    /** Without a farewell that the client would have to read. */
    void abort() {
        CoreSession open = session;
        if (open != null) {
            open.abort();
        }
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
        callback.succeeded();
    }

    @Override
    public void onClosed(CloseStatus status, Callback callback) {
        callback.succeeded();
        listener.gone();
    }
}
