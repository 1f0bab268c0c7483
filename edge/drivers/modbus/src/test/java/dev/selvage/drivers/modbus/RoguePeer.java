package dev.selvage.drivers.modbus;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

/** A server on loopback that answers each request as a test says, right or wrong. */
final class RoguePeer implements AutoCloseable {
    interface Script {
        void answer(Request request, OutputStream out) throws Exception;
    }

    record Request(int transaction, int unit, int address) {
        /** An answer frame with any transaction, unit and PDU. */
        static byte[] frame(int transaction, int unit, int... pdu) {
            ByteBuffer frame = ByteBuffer.allocate(7 + pdu.length);
            frame.putShort((short) transaction).putShort((short) 0).putShort((short) (1 + pdu.length));
            frame.put((byte) unit);
            for (int b : pdu) {
                frame.put((byte) b);
            }
            return frame.array();
        }

        byte[] right(int... pdu) {
            return frame(transaction, unit, pdu);
        }
    }

    private final ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    private final Script script;
    private volatile int requests;

    RoguePeer(Script script) throws IOException {
        this.script = script;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    int requests() {
        return requests;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private synchronized void count() {
        requests++;
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = socket.getInputStream()) {
            while (true) {
                byte[] header = in.readNBytes(7);
                if (header.length < 7) {
                    return;
                }
                ByteBuffer fields = ByteBuffer.wrap(header);
                int transaction = fields.getShort() & 0xFFFF;
                byte[] pdu = in.readNBytes(fields.getShort(4) - 1);
                count();
                script.answer(
                        new Request(
                                transaction,
                                header[6] & 0xFF,
                                ByteBuffer.wrap(pdu).getShort(1)),
                        socket.getOutputStream());
            }
        } catch (IOException e) {
            // the client went, as tests make it
        } catch (Exception e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
