package dev.selvage.bench;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A Modbus TCP device whose one input (discrete input 0) changes at each poll, and which notes how long after it the write
 * to coil 0 comes that follows the change. Modbus Application Protocol 1.1b3, functions 1, 2 and 5.
 */
final class ToggleDevice implements AutoCloseable {
    private static final int READ_COILS = 1;
    private static final int READ_DISCRETE_INPUTS = 2;
    private static final int WRITE_SINGLE_COIL = 5;
    private static final int ON = 0xFF;

    private final ServerSocket server;
    private final Samples samples = new Samples();
    private final AtomicLong polls = new AtomicLong();
    private final Object state = new Object();
    private boolean input;
    private boolean coil;
    /** Whether the write that belongs to the last change is still to come. */
    private boolean expecting;

    /** When the change was first asked for; the node reads coils before inputs, so nothing of the poll is left. */
    private long shown;

    ToggleDevice() throws IOException {
        server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("toggle-device").start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** From the request whose answer shows the change to the arrival of the write. */
    Samples samples() {
        return samples;
    }

    long polls() {
        return polls.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofPlatform().daemon().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            while (true) {
                byte[] head = in.readNBytes(6);
                if (head.length < 6) {
                    throw new EOFException();
                }
                byte[] body = in.readNBytes(((head[4] & 0xFF) << 8) | (head[5] & 0xFF));
                long now = System.nanoTime();
                byte[] answer = answer(body, now);
                byte[] frame = new byte[6 + answer.length];
                System.arraycopy(head, 0, frame, 0, 4);
                frame[5] = (byte) answer.length;
                System.arraycopy(answer, 0, frame, 6, answer.length);
                out.write(frame);
            }
        } catch (IOException gone) {
            // the node went away; it comes back on another connection
        }
    }

    /** Unit, function and what belongs to it. */
    private byte[] answer(byte[] request, long now) {
        byte unit = request[0];
        int function = request[1];
        synchronized (state) {
            return switch (function) {
                case READ_COILS -> new byte[] {unit, (byte) function, 1, (byte) (coil ? 1 : 0)};
                case READ_DISCRETE_INPUTS -> {
                    polls.incrementAndGet();
                    // a change whose write is late is not followed by another
                    if (!expecting) {
                        input = !input;
                        expecting = true;
                        shown = now;
                    }
                    yield new byte[] {unit, (byte) function, 1, (byte) (input ? 1 : 0)};
                }
                case WRITE_SINGLE_COIL -> {
                    coil = (request[4] & 0xFF) == ON;
                    if (expecting && coil == input) {
                        samples.add(now - shown);
                        expecting = false;
                    }
                    yield request;
                }
                default -> new byte[] {unit, (byte) (function | 0x80), 1};
            };
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
