package dev.selvage.bench;

import dev.selvage.cli.Kubeconfig;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/**
 * One connection to the API that stays open (HTTP/1.1, RFC 9112). It does no more than it must, since the server that is measured shares the processor
 * with it; and it comes from an address of its own, since the API bounds each client's rate.
 */
final class Line implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 60_000;

    private final SSLSocket socket;
    private final BufferedInputStream in;
    private final OutputStream out;
    private final String head;
    private byte[] body = new byte[8 << 10];
    private int length;

    private Line(SSLSocket socket, URI server) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
        this.out = socket.getOutputStream();
        this.head = " HTTP/1.1\r\nHost: " + server.getAuthority() + "\r\nAccept: application/json\r\n";
    }

    /** @param client gives the address, one of 127.1.0.0/16 */
    static Line open(Kubeconfig config, int client) throws IOException {
        SSLSocket socket = (SSLSocket) config.tls().getSocketFactory().createSocket();
        socket.bind(new InetSocketAddress(
                InetAddress.getByAddress(new byte[] {127, 1, (byte) (client >> 8), (byte) client}), 0));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        URI server = config.server();
        socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), TIMEOUT_MILLIS);
        return new Line(socket, server);
    }

    /** A request's bytes, to be sent as often as one likes. */
    byte[] get(String path) {
        return ("GET " + path + head + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    byte[] post(String path, String json) {
        return ("POST " + path + head + "Content-Type: application/json\r\nContent-Length: " + json.length()
                        + "\r\n\r\n" + json)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Sends a request and reads its answer; the body is in {@link #text} until the next call. */
    void call(byte[] request) throws IOException {
        long whole = begin(request);
        length = 0;
        if (whole > body.length) {
            body = new byte[(int) whole];
        }
        length = in.readNBytes(body, 0, (int) whole);
        if (length < whole) {
            throw new EOFException("the answer ends after " + length + " of " + whole + " bytes");
        }
    }

    /** Sends a request and passes its answer over; the bytes of its body. */
    long drain(byte[] request) throws IOException {
        long whole = begin(request);
        in.skipNBytes(whole);
        return whole;
    }

    /** Begins a watch, whose lines {@link #event} then gives. */
    void watch(String path) throws IOException {
        begin(get(path));
        socket.setSoTimeout(0);
    }

    /** The next line of a watch; each comes in chunks (RFC 9112, 7.1), whose sizes are passed over. */
    String event() throws IOException {
        while (true) {
            String line = line();
            if (line.startsWith("{")) {
                return line;
            }
            if (line.equals("0")) {
                throw new EOFException("the watch ended");
            }
        }
    }

    String text() {
        return new String(body, 0, length, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }

    /** The length of the answer's body; 0 where that is not said. */
    private long begin(byte[] request) throws IOException {
        out.write(request);
        String status = line();
        long whole = 0;
        for (String field = line(); !field.isEmpty(); field = line()) {
            if (field.regionMatches(true, 0, "content-length:", 0, 15)) {
                whole = Long.parseLong(field.substring(15).strip());
            }
        }
        if (!status.startsWith("HTTP/1.1 2")) {
            throw new IOException(status + ": " + new String(in.readNBytes((int) whole), StandardCharsets.UTF_8));
        }
        return whole;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ended");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
