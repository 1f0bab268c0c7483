package dev.selvage.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Modbus TCP server that answers right, nearly right, or anything. It judges its own answers by the protocol's text (Modbus Application Protocol 1.1b3; Messaging on
 * TCP/IP 1.0b), apart from the driver: what a valid answer said may be believed, and nothing else.
 */
final class LyingDevice implements AutoCloseable {
    static final int UNIT = 7;
    private static final int MOST = 4096;
    /** Where the points lie in the data of an answer: table's function, then the first address. */
    private final ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Map<String, Set<Object>> vouched = new ConcurrentHashMap<>();
    private volatile boolean echoed;
    private volatile int honesty;
    private volatile Draw draw = new Draw(0, 0);
    private volatile Thread serving = Thread.ofVirtual().unstarted(() -> {});

    LyingDevice() throws IOException {}

    int port() {
        return server.getLocalPort();
    }

    /** Serves the next connection as this draw says. */
    void next(Draw decisions) {
        draw = decisions.fork();
        honesty = draw.chance(50) ? 92 : 30;
        echoed = false;
        vouched.clear();
        synchronized (said) {
            said.reset();
        }
        serving = Thread.ofVirtual().name("lying-device").start(this::serve);
    }

    /** The connection is over. */
    void done() throws InterruptedException {
        serving.interrupt();
        serving.join();
    }

    byte[] said() {
        synchronized (said) {
            return said.toByteArray();
        }
    }

    boolean echoed() {
        return echoed;
    }

    boolean vouchesFor(String point, Object value) {
        return vouched.getOrDefault(point, Set.of()).contains(value);
    }

    private void serve() {
        try (Socket socket = server.accept()) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            while (true) {
                byte[] head = in.readNBytes(7);
                if (head.length < 7) {
                    return;
                }
                byte[] pdu = in.readNBytes(ByteBuffer.wrap(head).getShort(4) - 1);
                short transaction = ByteBuffer.wrap(head).getShort(0);
                send(socket, transaction, answer(transaction, pdu), pdu);
            }
        } catch (IOException e) {
            // The driver hung up, as it should on most of this.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private byte[] answer(short transaction, byte[] pdu) {
        byte[] data = rightPdu(pdu);
        byte[] frame = frame(transaction, (short) 0, (short) (data.length + 1), (byte) UNIT, data);
        if (draw.chance(honesty)) {
            return frame;
        }
        return switch (draw.below(9)) {
            case 0 ->
                frame(
                        (short) (transaction + (short) draw.number()),
                        (short) 0,
                        (short) (data.length + 1),
                        (byte) UNIT,
                        data);
            case 1 -> frame(transaction, (short) draw.number(), (short) (data.length + 1), (byte) UNIT, data);
            case 2 -> frame(transaction, (short) 0, (short) draw.number(), (byte) UNIT, data);
            case 3 -> frame(transaction, (short) 0, (short) (data.length + 1), (byte) draw.below(256), data);
            case 4 -> exception(transaction, pdu[0]);
            case 5 -> {
                byte[] other = data.clone();
                other[draw.below(Math.min(2, other.length))] = (byte) draw.below(256);
                yield frame(transaction, (short) 0, (short) (data.length + 1), (byte) UNIT, other);
            }
            case 6 -> {
                byte[] other = Arrays.copyOf(data, 1 + draw.below(253));
                yield frame(transaction, (short) 0, (short) (other.length + 1), (byte) UNIT, other);
            }
            case 7 -> draw.bytes(draw.below(300));
            default -> Bytes.mutate(draw, frame);
        };
    }

    private byte[] exception(short transaction, byte function) {
        byte[] data = {(byte) (function | 0x80), (byte) draw.below(256)};
        return frame(transaction, (short) 0, (short) 3, (byte) UNIT, data);
    }

    private byte[] rightPdu(byte[] request) {
        if (request[0] > 4) {
            return Arrays.copyOf(request, 5);
        }
        int quantity = ByteBuffer.wrap(request).getShort(3) & 0xFFFF;
        int bytes = request[0] <= 2 ? (quantity + 7) / 8 : 2 * quantity;
        return ByteBuffer.allocate(2 + bytes)
                .put(request[0])
                .put((byte) bytes)
                .put(draw.bytes(bytes))
                .array();
    }

    private static byte[] frame(short transaction, short protocol, short length, byte unit, byte[] data) {
        return ByteBuffer.allocate(7 + data.length)
                .putShort(transaction)
                .putShort(protocol)
                .putShort(length)
                .put(unit)
                .put(data)
                .array();
    }

    private void send(Socket socket, short transaction, byte[] bytes, byte[] request)
            throws IOException, InterruptedException {
        byte[] more = draw.chance((100 - honesty) / 8) ? draw.bytes(2_000) : new byte[0];
        byte[] all = Arrays.copyOf(bytes, bytes.length + more.length);
        System.arraycopy(more, 0, all, bytes.length, more.length);
        judge(all, transaction, request);
        synchronized (said) {
            if (said.size() < MOST) {
                said.writeBytes(bytes);
            }
        }
        OutputStream out = socket.getOutputStream();
        if (more.length > 0) {
            endless(out, all);
            return;
        }
        switch (draw.chance(honesty) ? -1 : draw.below(6)) {
            case 0 -> drip(out, bytes);
            case 1 -> {
                out.write(bytes, 0, draw.below(bytes.length + 1));
                socket.close();
            }
            case 2 -> {
                out.write(bytes, 0, draw.below(bytes.length + 1));
                Thread.sleep(2_000);
            }
            default -> out.write(bytes);
        }
    }

    private static void drip(OutputStream out, byte[] bytes) throws IOException, InterruptedException {
        for (byte one : bytes) {
            out.write(one);
            Thread.sleep(12);
        }
    }

    private void endless(OutputStream out, byte[] bytes) throws IOException {
        out.write(bytes);
        for (int i = 0; i < 200; i++) {
            out.write(draw.bytes(2_000));
        }
    }

    /** Remembers what a frame may be believed to say: one that answers this very request in every field. */
    private void judge(byte[] frame, short transaction, byte[] request) {
        ByteBuffer view = ByteBuffer.wrap(frame);
        if (frame.length < 9
                || view.getShort(0) != transaction
                || view.getShort(2) != 0
                || (frame[6] & 0xFF) != UNIT
                || frame[7] != request[0]) {
            return;
        }
        int length = view.getShort(4) & 0xFFFF;
        if (request[0] > 4) {
            echoed |= length == 6 && frame.length >= 12 && Arrays.equals(frame, 7, 12, request, 0, 5);
            return;
        }
        int quantity = ByteBuffer.wrap(request).getShort(3) & 0xFFFF;
        int bytes = request[0] <= 2 ? (quantity + 7) / 8 : 2 * quantity;
        if ((frame[8] & 0xFF) == bytes && length == bytes + 3 && frame.length >= 9 + bytes) {
            believe(
                    request[0],
                    ByteBuffer.wrap(request).getShort(1),
                    ByteBuffer.wrap(frame, 9, bytes).slice(),
                    quantity);
        }
    }

    private void believe(int function, int address, ByteBuffer data, int quantity) {
        switch (function) {
            case 1 -> vouch("bit", (data.get(0) & 1) == 1);
            case 2 -> vouch("flag", (data.get(0) & 1) == 1);
            case 3 -> {
                if (address == 10) {
                    vouch("word", (long) (data.getShort(0) & 0xFFFF));
                }
                int at = 2 * (11 - address);
                if (at + 4 <= 2 * quantity) {
                    vouch("long", data.getInt(at) & 0xFFFF_FFFFL);
                }
            }
            case 4 -> vouch("real", Double.valueOf(Float.toString(data.getFloat(0))));
            default -> throw new IllegalStateException("function " + function);
        }
    }

    private void vouch(String point, Object value) {
        vouched.computeIfAbsent(point, _ -> ConcurrentHashMap.newKeySet()).add(Objects.requireNonNull(value));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
