package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import dev.selvage.model.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One command of one client, from its WebSocket's opening to its end, on three threads of its own: what the command writes, what the client types, and a watch over the
 * time. Whichever side ends, ends the other.
 */
final class ExecSession implements ExecSocket.Listener {
    /** What was typed and has not gone to the node; beyond it the socket is not read. */
    private static final int MOST_WAITING = 1 << 20;

    /**
     * How long a session may be.
     *
     * @param idle without a byte in either direction; upstream's default is 4 h
     * @param total from its beginning
     * @param ping between two signs of life to the client
     */
    record Bounds(Duration idle, Duration total, Duration ping) {
        static final Bounds STANDARD = new Bounds(Duration.ofHours(4), Duration.ofHours(24), Duration.ofSeconds(30));
    }

    /** What is to be run, and where. */
    record Order(String node, ObjectKey pod, CommandOptions options, ExecProtocol protocol) {}

    private final PodCommands commands;
    private final Order order;
    private final Bounds bounds;
    private final Consumer<String> over;
    private final ExecSocket socket = new ExecSocket(this);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> typed = new ArrayDeque<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final long begun = System.nanoTime();
    private volatile long heard = begun;
    private volatile boolean gone;
    private volatile @Nullable String outOfTime;
    private int waiting;
    private boolean held;
    private boolean inputEnded;
    private PodCommands.@Nullable Running running;
    private int @Nullable [] size;

    /** @param over hears how it ended, once */
    ExecSession(PodCommands commands, Order order, Bounds bounds, Consumer<String> over) {
        this.commands = commands;
        this.order = order;
        this.bounds = bounds;
        this.over = over;
    }

    ExecSocket socket() {
        return socket;
    }

    @Override
    public void opened() {
        thread("run", this::run);
    }

    private void thread(String name, Runnable work) {
        Thread.ofVirtual().name("exec-" + order.pod().name() + "-" + name).start(work);
    }

    private void run() {
        String end = "";
        try (PodCommands.Running command = commands.start(order.node(), order.pod(), order.options())) {
            begin(command);
            thread("input", () -> type(command));
            thread("watch", () -> watch(command));
            // Upstream's first message is an empty one: now the command is there.
            socket.send(order.options().stdout() ? ExecProtocol.STDOUT : ExecProtocol.ERROR, ByteBuffer.allocate(0));
            end = relay(command);
        } catch (NodeUnreachableException | IOException | RuntimeException e) {
            end = reason(e);
            fail(end);
        } finally {
            ended.set(true);
            wake();
            socket.close();
            over.accept(end);
        }
    }

    private String reason(Exception e) {
        String late = outOfTime;
        return gone ? "the client has gone" : late != null ? late : String.valueOf(e.getMessage());
    }

    private void begin(PodCommands.Running command) throws IOException {
        lock.lock();
        try {
            running = command;
            if (gone) {
                throw new IOException("the client has gone");
            }
            if (size != null) {
                command.resize(size[0], size[1]);
            }
        } finally {
            lock.unlock();
        }
    }

    private String relay(PodCommands.Running command) throws IOException {
        while (true) {
            switch (command.next()) {
                case PodCommands.Event.Output(ByteBuffer bytes, boolean stderr) -> {
                    heard = System.nanoTime();
                    if (stderr ? order.options().stderr() : order.options().stdout()) {
                        socket.send(stderr ? ExecProtocol.STDERR : ExecProtocol.STDOUT, bytes);
                    }
                }
                case PodCommands.Event.Ended(int code) -> {
                    String late = outOfTime; // the command was killed for it, and its exit code says only that
                    if (late != null) {
                        fail(late);
                        return late;
                    }
                    socket.send(
                            ExecProtocol.ERROR,
                            ByteBuffer.wrap(Json.bytes(
                                    ExecStatus.exited(code, order.options().command()))));
                    return "exit code " + code;
                }
                case PodCommands.Event.Failed(String message) -> {
                    fail(message);
                    return message;
                }
            }
        }
    }

    private void fail(String message) {
        try {
            if (!gone) {
                socket.send(ExecProtocol.ERROR, ByteBuffer.wrap(Json.bytes(ExecStatus.failed(message))));
            }
        } catch (IOException e) {
            System.getLogger(ExecSession.class.getName())
                    .log(System.Logger.Level.DEBUG, "a client left before it could be told", e);
        }
    }

    /** Sends what was typed, in order, until the end. */
    private void type(PodCommands.Running command) {
        try {
            for (byte[] bytes = take(); bytes != null; bytes = take()) {
                command.input(bytes);
            }
            if (!ended.get()) {
                command.endInput();
            }
        } catch (IOException e) {
            command.close(); // its next() tells
        }
    }

    private byte @Nullable [] take() {
        boolean more;
        byte[] bytes;
        lock.lock();
        try {
            while (typed.isEmpty() && !inputEnded && !ended.get()) {
                changed.awaitUninterruptibly();
            }
            if (typed.isEmpty() || ended.get()) {
                return null;
            }
            bytes = typed.removeFirst();
            waiting -= bytes.length;
            more = held && waiting < MOST_WAITING;
            if (more) {
                held = false;
            }
        } finally {
            lock.unlock();
        }
        if (more) {
            socket.more();
        }
        return bytes;
    }

    @Override
    public void typed(byte[] bytes) {
        heard = System.nanoTime();
        lock.lock();
        try {
            if (bytes.length > 0 && !inputEnded && order.options().stdin()) {
                waiting += bytes.length;
                typed.addLast(bytes);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean ready() {
        lock.lock();
        try {
            held = waiting >= MOST_WAITING;
            return !held;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void message(int channel, byte[] bytes) throws IOException {
        if (channel == ExecProtocol.RESIZE && order.options().tty()) {
            resize(bytes);
        } else if (channel == ExecProtocol.CLOSE && order.protocol() == ExecProtocol.V5) {
            if (bytes.length == 1 && bytes[0] == ExecProtocol.STDIN) {
                endInput();
            }
        }
    }

    private void endInput() {
        lock.lock();
        try {
            inputEnded = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void resize(byte[] json) throws IOException {
        ObjectNode asked;
        try {
            asked = Json.parseObject(json);
        } catch (JsonException e) {
            throw new IOException(
                    "terminal size: found no JSON object, accepted is {\"Width\": 80, \"Height\": 25}", e);
        }
        int columns = asked.path("Width").asInt();
        int rows = asked.path("Height").asInt();
        lock.lock();
        try {
            size = new int[] {Math.clamp(columns, 0, 0xffff), Math.clamp(rows, 0, 0xffff)};
            if (running != null) {
                running.resize(size[0], size[1]);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nobody is left waiting for what will not come. */
    private void watch(PodCommands.Running command) {
        long pinged = begun;
        lock.lock();
        try {
            while (!ended.get()) {
                long now = System.nanoTime();
                if (now - heard > bounds.idle().toNanos()) {
                    outOfTime = "nothing was said for " + bounds.idle();
                } else if (now - begun > bounds.total().toNanos()) {
                    outOfTime = "it took more than " + bounds.total();
                }
                if (outOfTime != null) {
                    command.close();
                    return;
                }
                if (now - pinged >= bounds.ping().toNanos()) {
                    pinged = now;
                    socket.ping();
                }
                long _ = changed.awaitNanos(bounds.ping().toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void gone() {
        gone = true;
        lock.lock();
        try {
            if (running != null) {
                running.close();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
