package dev.selvage.session;

import com.google.protobuf.ByteString;
import dev.selvage.link.CommandInput;
import dev.selvage.link.InputTaken;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.StreamData;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A command's streams on a connection to the hub. What was typed and not read yet is bounded: the hub has at most {@link #WINDOW} bytes under way, and is told what was
 * taken. So the connection is read all the time, and its end is seen however little the command reads.
 */
final class CommandPipe implements CommandStreams {
    /** Bytes; link.proto, CommandInput. */
    static final int WINDOW = 256 * 1024;

    private static final int CHUNK = 32 * 1024;

    private final HubConnection connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ByteString> typed = new ArrayDeque<>();
    private int waiting;
    private boolean ended;
    private boolean closed;
    private @Nullable SizeListener listener;
    private dev.selvage.link.@Nullable TerminalSize size;

    CommandPipe(HubConnection connection) {
        this.connection = connection;
    }

    /** Takes what the hub sends. */
    void take(CommandInput input) throws IOException {
        lock.lock();
        try {
            switch (input.getInputCase()) {
                case DATA -> type(input.getData());
                case END -> ended = true;
                case SIZE -> {
                    size = input.getSize();
                    tellSize();
                }
                case INPUT_NOT_SET -> throw new LinkException("the hub sent input for a command without any");
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void type(ByteString data) throws IOException {
        if (waiting + data.size() > WINDOW) {
            throw new LinkException("the hub sent more than " + WINDOW + " bytes ahead of a command");
        }
        if (!closed && !data.isEmpty()) {
            waiting += data.size();
            typed.addLast(data);
        }
    }

    private void tellSize() {
        if (listener != null && size != null) {
            listener.resized(size.getColumns(), size.getRows());
        }
    }

    @Override
    public void onResize(SizeListener changes) {
        lock.lock();
        try {
            listener = changes;
            tellSize();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more will come. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public InputStream stdin() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return CommandPipe.this.read(into, offset, length);
            }

            @Override
            public void close() {
                forget();
            }
        };
    }

    private int read(byte[] into, int offset, int length) throws IOException {
        int count;
        lock.lock();
        try {
            while (typed.isEmpty() && !ended && !closed) {
                changed.awaitUninterruptibly();
            }
            if (typed.isEmpty()) {
                return -1;
            }
            ByteString first = typed.removeFirst();
            count = Math.min(length, first.size());
            first.substring(0, count).copyTo(into, offset);
            if (count < first.size()) {
                typed.addFirst(first.substring(count));
            }
            waiting -= count;
        } finally {
            lock.unlock();
        }
        connection.send(NodeMessage.newBuilder()
                .setInputTaken(InputTaken.newBuilder().setBytes(count))
                .build());
        return count;
    }

    private void forget() {
        lock.lock();
        try {
            closed = true;
            typed.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public OutputStream stdout() {
        return new Chunks(false);
    }

    @Override
    public OutputStream stderr() {
        return new Chunks(true);
    }

    private final class Chunks extends OutputStream {
        private final boolean stderr;

        Chunks(boolean stderr) {
            this.stderr = stderr;
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
                        .setStreamData(StreamData.newBuilder()
                                .setData(ByteString.copyFrom(bytes, at, size))
                                .setStderr(stderr))
                        .build());
            }
        }
    }
}
