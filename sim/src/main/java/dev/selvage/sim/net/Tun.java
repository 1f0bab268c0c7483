package dev.selvage.sim.net;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** A TUN interface of Linux (tun(4)): IP packets, one a read and one a write. It is there while this is open. Needs CAP_NET_ADMIN. */
final class Tun implements AutoCloseable {
    static final int MTU = 1_500;
    private static final int READ_WRITE = 2;
    private static final int NAME = 16;
    private static final int IFREQ = 40;
    private static final long TUNSETIFF = 0x400454caL;
    private static final short TUN_WITHOUT_HEADER = 0x1001;
    private static final short POLLIN = 1;
    private static final int WAIT_MILLIS = 200;

    private static final MethodHandle OPEN = function("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), 2);
    private static final MethodHandle IOCTL =
            function("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), 2);
    private static final MethodHandle POLL =
            function("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT), 3);
    private static final MethodHandle READ =
            function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG), 3);
    private static final MethodHandle WRITE =
            function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG), 3);
    private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), 1);

    private final Arena arena = Arena.ofShared();
    private final MemorySegment in = arena.allocate(MTU);
    private final MemorySegment out = arena.allocate(MTU);
    private final MemorySegment poll = arena.allocate(8, 4);
    private final int descriptor;

    private Tun(int descriptor) {
        this.descriptor = descriptor;
        poll.set(JAVA_INT, 0, descriptor);
        poll.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
    }

    /** @param name of the interface, up to 15 characters */
    static Tun open(String name) throws IOException {
        try (Arena local = Arena.ofConfined()) {
            int descriptor = (int) call(() -> (int) OPEN.invokeExact(local.allocateFrom("/dev/net/tun"), READ_WRITE));
            MemorySegment request = local.allocate(IFREQ, 8);
            request.setString(0, name);
            request.set(ValueLayout.JAVA_SHORT, NAME, TUN_WITHOUT_HEADER);
            if (descriptor < 0 || call(() -> (int) IOCTL.invokeExact(descriptor, TUNSETIFF, request)) < 0) {
                throw new IOException("interface " + name + ": /dev/net/tun refuses it (is this root?)");
            }
            return new Tun(descriptor);
        }
    }

    /** The next packet; empty when none came for a while. For one thread. */
    byte[] read() throws IOException {
        if (call(() -> (int) POLL.invokeExact(poll, 1L, WAIT_MILLIS)) <= 0) {
            return new byte[0];
        }
        long count = call(() -> (long) READ.invokeExact(descriptor, in, (long) MTU));
        return count <= 0 ? new byte[0] : in.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The system may refuse a packet, as a network does. For one thread. */
    void write(byte[] packet) throws IOException {
        MemorySegment.copy(packet, 0, out, ValueLayout.JAVA_BYTE, 0, packet.length);
        var _ = call(() -> (long) WRITE.invokeExact(descriptor, out, (long) packet.length));
    }

    @Override
    public void close() throws IOException {
        var _ = call(() -> (int) CLOSE.invokeExact(descriptor));
        arena.close();
    }

    private interface Call {
        long run() throws Throwable;
    }

    private static long call(Call call) throws IOException {
        try {
            return call.run();
        } catch (Throwable e) {
            throw new IOException("a system call could not be made", e);
        }
    }

    @SuppressWarnings("restricted") // the tests allow native access
    private static MethodHandle function(String name, FunctionDescriptor descriptor, int fixed) {
        Linker linker = Linker.nativeLinker();
        MemorySegment symbol = linker.defaultLookup().find(name).orElseThrow();
        return fixed < descriptor.argumentLayouts().size() || name.equals("open")
                ? linker.downcallHandle(symbol, descriptor, Linker.Option.firstVariadicArg(fixed))
                : linker.downcallHandle(symbol, descriptor);
    }
}
