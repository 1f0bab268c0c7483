package dev.selvage.drivers.modbus;

import dev.selvage.devices.Access;
import dev.selvage.devices.Driver;
import dev.selvage.devices.Point;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * One Modbus TCP connection to one unit (Modbus Messaging on TCP/IP Implementation Guide 1.0b). One request at a time;
 * the timeout spans the whole answer, however it trickles in. Any answer that is not exactly the one asked for throws an
 * IOException, after which the caller must close the connection: what comes later on it could answer anything.
 */
final class ModbusConnection implements Driver.Connection {
    private static final int HEADER = 7;
    /** Longest PDU (Modbus Application Protocol 1.1b3, section 4.1). */
    private static final int MAX_PDU = 253;

    private static final int EXCEPTION = 0x80;

    private final Socket socket;
    private final int unit;
    private final long timeoutNanos;
    private final byte[] received = new byte[HEADER + MAX_PDU];
    private int transaction;

    private ModbusConnection(Socket socket, int unit, Duration timeout) {
        this.socket = socket;
        this.unit = unit;
        this.timeoutNanos = timeout.toNanos();
    }

    static ModbusConnection open(String host, int port, int unit, Duration timeout) throws IOException {
        Socket socket = new Socket();
        try {
            InetSocketAddress address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new IOException("host " + host + " has no address");
            }
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.connect(address, Math.toIntExact(Math.max(1, timeout.toMillis())));
            return new ModbusConnection(socket, unit, timeout);
        } catch (SocketTimeoutException e) {
            socket.close();
            throw new IOException("no connection to " + host + ":" + port + " within " + timeout.toMillis() + " ms", e);
        } catch (IOException e) {
            socket.close();
            throw new IOException("cannot connect to " + host + ":" + port + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Access access(List<Point> points) {
        return new ModbusAccess(this, points);
    }

    /**
     * Sends a request PDU and returns the data of its answer, behind the function code.
     *
     * @throws ModbusExceptionReply when the device answers that it cannot
     */
    ByteBuffer exchange(byte[] request) throws IOException {
        long deadline = System.nanoTime() + timeoutNanos;
        transaction = (transaction + 1) & 0xFFFF;
        ByteBuffer frame = ByteBuffer.allocate(HEADER + request.length);
        frame.putShort((short) transaction).putShort((short) 0).putShort((short) (1 + request.length));
        frame.put((byte) unit).put(request);
        socket.getOutputStream().write(frame.array());

        ByteBuffer answer = ByteBuffer.wrap(received);
        receive(0, HEADER, deadline);
        int echoed = answer.getShort() & 0xFFFF;
        int protocol = answer.getShort() & 0xFFFF;
        int length = answer.getShort() & 0xFFFF;
        int from = answer.get() & 0xFF;
        if (protocol != 0 || length < 3 || length > 1 + MAX_PDU) {
            throw new IOException("answer is not Modbus TCP: protocol " + protocol + ", length " + length);
        }
        if (echoed != transaction || from != unit) {
            throw new IOException("answer to another question: transaction " + echoed + " of unit " + from
                    + ", expected transaction " + transaction + " of unit " + unit);
        }
        receive(HEADER, length - 1, deadline);
        answer.limit(HEADER + length - 1);
        int function = answer.get() & 0xFF;
        if (function == (request[0] | EXCEPTION)) {
            throw new ModbusExceptionReply(answer.get() & 0xFF);
        }
        if (function != request[0]) {
            throw new IOException("answer carries function " + function + ", expected " + request[0]);
        }
        return answer;
    }

    private void receive(int offset, int length, long deadline) throws IOException {
        InputStream in = socket.getInputStream();
        int got = 0;
        while (got < length) {
            long millis = Math.ceilDiv(deadline - System.nanoTime(), 1_000_000);
            if (millis <= 0) {
                throw noAnswer(got);
            }
            socket.setSoTimeout((int) Math.min(millis, Integer.MAX_VALUE));
            int n;
            try {
                n = in.read(received, offset + got, length - got);
            } catch (SocketTimeoutException e) {
                throw noAnswer(got);
            }
            if (n < 0) {
                throw new EOFException("the device closed the connection");
            }
            got += n;
        }
    }

    private IOException noAnswer(int got) {
        String whole = got == 0 ? "no answer" : "no complete answer";
        return new SocketTimeoutException(whole + " within " + timeoutNanos / 1_000_000 + " ms");
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            System.getLogger(ModbusConnection.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing a Modbus connection", e);
        }
    }
}
