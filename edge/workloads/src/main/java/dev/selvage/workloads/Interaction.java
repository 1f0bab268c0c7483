package dev.selvage.workloads;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One command with its streams, from start to end. Its pumps are platform threads: they block in the kernel, which would hold up the few carriers of the virtual ones.
 */
final class Interaction {
    private static final System.Logger LOG = System.getLogger(Interaction.class.getName());
    private static final int CHUNK = 16 << 10;
    private static final long STACK = 256 << 10;
    /** A process that the command left behind may keep its output open for ever: this long it may be silent after the command's end. */
    private static final Duration SILENCE = Duration.ofSeconds(1);

    private static final Duration SLICE = Duration.ofMillis(50);

    /** Ctrl-D, what a terminal takes for the end of its input. */
    private static final byte[] END_OF_INPUT = {4};

    private final Process process;
    private final ExecStreams streams;
    private final Optional<Pty> pty;
    private final List<Output> outputs = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable IOException> lost = new AtomicReference<>();

    Interaction(Process process, ExecStreams streams, Optional<Pty> pty) {
        this.process = process;
        this.streams = streams;
        this.pty = pty;
    }

    /** Ends with the command, and the command with it. */
    ExecEnd run() throws IOException, InterruptedException {
        try {
            pty.ifPresentOrElse(this::connectTerminal, this::connectPipes);
            int code = process.waitFor();
            awaitOutput();
            IOException failure = lost.get();
            if (failure != null) {
                throw failure;
            }
            return new ExecEnd.Exited(code);
        } catch (InterruptedException e) {
            RunProcesses.endSession(process);
            throw e;
        } finally {
            streams.stdin().close();
        }
    }

    /** Runs {@code done} when no thread of this is left, which is at once unless something keeps the command's output open. */
    void whenOver(Runnable done) {
        Thread.ofVirtual().name("exec-" + process.pid() + "-over").start(() -> {
            try {
                for (Thread thread : threads) {
                    thread.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                pty.ifPresent(Pty::close);
                done.run();
            }
        });
    }

    private void connectPipes() {
        output("stdout", process.getInputStream(), streams.stdout());
        output("stderr", process.getErrorStream(), streams.stderr());
        background("stdin", () -> typeInto(process.getOutputStream()));
    }

    private void connectTerminal(Pty terminal) {
        streams.onResize(size -> resize(terminal, size));
        output("terminal", terminal.reader(this::ended), streams.stdout());
        background("typed", () -> typeInto(terminal.writer(this::ended)));
    }

    private static void resize(Pty terminal, TerminalSize size) {
        try {
            terminal.resize(size);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a terminal keeps its size: {0}", e.getMessage());
        }
    }

    private void output(String name, InputStream from, OutputStream to) {
        Output output = new Output(from, to, this::lost);
        outputs.add(output);
        background(name, output::run);
    }

    /** When the client takes no more the command is ended. */
    private void lost(IOException e) {
        lost.compareAndSet(null, e);
        RunProcesses.endSession(process);
    }

    private interface Work {
        void run() throws IOException;
    }

    private void background(String name, Work work) {
        threads.add(Thread.ofPlatform()
                .daemon()
                .name("exec-" + process.pid() + "-" + name)
                .stackSize(STACK)
                .start(() -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        LOG.log(Level.DEBUG, "{0} of a command ended: {1}", name, e.getMessage());
                    }
                }));
    }

    /** What a command that has closed its input does not take, as head(1) does not, is dropped: that is no fault of the client's. */
    private void typeInto(OutputStream command) throws IOException {
        InputStream typed = streams.stdin();
        try (command) {
            byte[] buffer = new byte[CHUNK];
            for (int count = typed.read(buffer); count >= 0; count = typed.read(buffer)) {
                command.write(buffer, 0, count);
                command.flush();
            }
            if (pty.isPresent()) {
                command.write(END_OF_INPUT);
            }
        } finally {
            typed.transferTo(OutputStream.nullOutputStream());
        }
    }

    private boolean ended() {
        return !process.isAlive();
    }

    /** A slow client gets all of it; what is silent is given up. */
    private void awaitOutput() throws InterruptedException {
        long ended = System.nanoTime();
        for (int i = 0; i < outputs.size(); i++) {
            while (!threads.get(i).join(SLICE)) {
                if (outputs.get(i).silentSince(ended).compareTo(SILENCE) > 0) {
                    break;
                }
            }
        }
    }

    /** Hands on what one stream brings. */
    private static final class Output {
        private final InputStream from;
        private final OutputStream to;
        private final Consumer<IOException> lost;
        private volatile boolean writing;
        private volatile long heard = System.nanoTime();

        Output(InputStream from, OutputStream to, Consumer<IOException> lost) {
            this.from = from;
            this.to = to;
            this.lost = lost;
        }

        void run() throws IOException {
            byte[] buffer = new byte[CHUNK];
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                writing = true;
                try {
                    to.write(buffer, 0, count);
                } catch (IOException e) {
                    lost.accept(e);
                    return;
                }
                heard = System.nanoTime();
                writing = false;
            }
        }

        Duration silentSince(long time) {
            return writing ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - Math.max(time, heard));
        }
    }
}
