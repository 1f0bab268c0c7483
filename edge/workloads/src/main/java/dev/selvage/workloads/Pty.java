package dev.selvage.workloads;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A pseudo-terminal's own end (pty(7), ioctl_tty(2)). The other end is opened by path, and not by this process: it could become its controlling terminal. Calls block
 * natively for at most {@link #WAIT_MILLIS}, so they belong on platform threads.
 */
@SuppressWarnings("restricted") // the agent runs with --enable-native-access
final class Pty implements AutoCloseable {
    /** Where the numbers below are those of the kernel's generic headers. */
    private static final Set<String> MACHINES = Set.of("amd64", "x86_64", "aarch64", "arm", "riscv64");

    private static final int WAIT_MILLIS = 200;
    private static final int CHUNK = 16 << 10;
    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final long TIOCSWINSZ = 0x5414;
    private static final long TIOCGPTN = 0x80045430L;
    private static final long TIOCSPTLCK = 0x40045431L;
    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemoryLayout POLLFD = MemoryLayout.structLayout(JAVA_INT, JAVA_SHORT, JAVA_SHORT);
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final Linker.Option VARIADIC = Linker.Option.firstVariadicArg(2);
    private static final MethodHandle OPEN = call("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), VARIADIC);
    private static final MethodHandle IOCTL =
            call("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), VARIADIC);
    private static final MethodHandle POLL =
            call("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle READ =
            call("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle WRITE =
            call("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle CLOSE = call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private final int descriptor;
    private final Path other;
    private boolean closed;

    private Pty(int descriptor, Path other) {
        this.descriptor = descriptor;
        this.other = other;
    }

    /** @param devices a mounted devpts, such as {@code /dev/pts} */
    static Pty open(Path devices) throws IOException {
        if (!MACHINES.contains(System.getProperty("os.arch"))) {
            throw new IOException("terminals are not known for the machine " + System.getProperty("os.arch"));
        }
        String multiplexer = devices.resolve("ptmx").toString();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
            int opened = (int) OPEN.invokeExact(state, arena.allocateFrom(multiplexer), flags);
            check(opened, state, multiplexer);
            return new Pty(opened, devices.resolve(Integer.toString(unlocked(opened, arena, state))));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** The terminal's number, when its other end may be opened. */
    private static int unlocked(int opened, Arena arena, MemorySegment state) throws Throwable {
        MemorySegment number = arena.allocate(JAVA_INT);
        try {
            check((int) IOCTL.invokeExact(state, opened, TIOCSPTLCK, number), state, "unlock a terminal");
            check((int) IOCTL.invokeExact(state, opened, TIOCGPTN, number), state, "number a terminal");
            return number.get(JAVA_INT, 0);
        } catch (IOException e) {
            int _ = (int) CLOSE.invokeExact(state, opened);
            throw e;
        }
    }

    /** What the command opens as its terminal. */
    Path other() {
        return other;
    }

    /** The kernel tells the terminal's foreground processes (SIGWINCH). */
    synchronized void resize(TerminalSize size) throws IOException {
        if (closed) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment window = arena.allocate(8, 2); // struct winsize: rows, columns, and two that nobody uses
            window.set(JAVA_SHORT, 0, (short) size.rows());
            window.set(JAVA_SHORT, 2, (short) size.columns());
            check((int) IOCTL.invokeExact(state, descriptor, TIOCSWINSZ, window), state, "resize a terminal");
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** What the command writes, until nobody has the other end open, or {@code ended} says so and nothing is left to read. */
    InputStream reader(BooleanSupplier ended) {
        return new InputStream() {
            @Override
            public int read() {
                throw new UnsupportedOperationException("read pieces");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return Pty.this.read(into, offset, length, ended);
            }
        };
    }

    /** What the command reads. A write waits while the terminal's buffer is full, and is given up when {@code ended} says so. */
    OutputStream writer(BooleanSupplier ended) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                Pty.this.write(from, offset, length, ended);
            }
        };
    }

    private int read(byte[] into, int offset, int length, BooleanSupplier ended) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment poll = arena.allocate(POLLFD);
            while (true) {
                boolean last = ended.getAsBoolean(); // asked before: what was written until then is there by now
                if (!ready(poll, state, POLLIN)) {
                    if (last) {
                        return -1;
                    }
                    continue;
                }
                MemorySegment buffer = arena.allocate(Math.min(length, CHUNK));
                long count = (long) READ.invokeExact(state, descriptor, buffer, buffer.byteSize());
                if (count > 0) {
                    MemorySegment.copy(buffer, JAVA_BYTE, 0, into, offset, (int) count);
                    return (int) count;
                }
                if (count == 0 || !again(state)) {
                    return -1; // EIO: the other end is closed
                }
            }
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private void write(byte[] from, int offset, int length, BooleanSupplier ended) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment poll = arena.allocate(POLLFD);
            MemorySegment all = arena.allocate(length);
            MemorySegment.copy(from, offset, all, JAVA_BYTE, 0, length);
            long at = 0;
            while (at < length && !ended.getAsBoolean()) {
                if (!ready(poll, state, POLLOUT)) {
                    continue;
                }
                long count = (long) WRITE.invokeExact(state, descriptor, all.asSlice(at), length - at);
                if (count < 0 && !again(state)) {
                    throw new IOException("write to a terminal: error " + (int) ERRNO.get(state, 0L));
                }
                at += Math.max(0, count);
            }
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private boolean ready(MemorySegment poll, MemorySegment state, short events) throws Throwable {
        poll.set(JAVA_INT, 0, descriptor);
        poll.set(JAVA_SHORT, 4, events);
        int ready = (int) POLL.invokeExact(state, poll, 1L, WAIT_MILLIS);
        if (ready < 0 && !again(state)) {
            throw new IOException("wait for a terminal: error " + (int) ERRNO.get(state, 0L));
        }
        return ready > 0;
    }

    private static boolean again(MemorySegment state) {
        int error = (int) ERRNO.get(state, 0L);
        return error == EINTR || error == EAGAIN;
    }

    private static void check(int result, MemorySegment state, String what) throws IOException {
        if (result < 0) {
            throw new IOException(what + ": error " + (int) ERRNO.get(state, 0L));
        }
    }

    private static IOException failed(Throwable e) {
        return switch (e) {
            case IOException io -> io;
            case RuntimeException bug -> throw bug;
            case Error error -> throw error;
            default -> new IOException(e);
        };
    }

    private static MethodHandle call(String name, FunctionDescriptor shape, Linker.Option... further) {
        Linker.Option[] options = java.util.Arrays.copyOf(further, further.length + 1);
        options[further.length] = CAPTURE;
        return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), shape, options);
    }

    /** The processes of the terminal hear that it hung up. Nobody may read or write any more: the descriptor's number comes again. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (Arena arena = Arena.ofConfined()) {
            int _ = (int) CLOSE.invokeExact(arena.allocate(STATE), descriptor);
        } catch (Throwable e) {
            throw new IllegalStateException("close of a terminal", e);
        }
    }
}
