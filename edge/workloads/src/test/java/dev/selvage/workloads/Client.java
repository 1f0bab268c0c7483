package dev.selvage.workloads;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The client of a command, in memory. */
final class Client implements ExecStreams {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final InputStream in;
    private final PipedOutputStream typed = new PipedOutputStream();
    private volatile boolean gone;
    private @Nullable Consumer<TerminalSize> listener;
    private @Nullable TerminalSize size;

    /** One who types. */
    Client() {
        try {
            in = new PipedInputStream(typed, 64 << 10);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Client(byte[] input) {
        in = new java.io.ByteArrayInputStream(input);
    }

    void type(String text) throws IOException {
        typed.write(text.getBytes(StandardCharsets.UTF_8));
        typed.flush();
    }

    /** From now on every write to it fails. */
    void leave() {
        gone = true;
    }

    String output() {
        return out.toString(StandardCharsets.UTF_8);
    }

    void awaitOutput(String text) {
        TestNode.await("\"" + text + "\"", () -> output().contains(text), this::output);
    }

    synchronized void resize(TerminalSize now) {
        size = now;
        if (listener != null) {
            listener.accept(now);
        }
    }

    @Override
    public InputStream stdin() {
        return in;
    }

    @Override
    public OutputStream stdout() {
        return to(out);
    }

    @Override
    public OutputStream stderr() {
        return to(err);
    }

    private OutputStream to(ByteArrayOutputStream target) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (gone) {
                    throw new IOException("the client has gone");
                }
                target.write(bytes, offset, length);
            }
        };
    }

    @Override
    public synchronized void onResize(Consumer<TerminalSize> changed) {
        listener = changed;
        if (size != null) {
            changed.accept(size);
        }
    }
}
