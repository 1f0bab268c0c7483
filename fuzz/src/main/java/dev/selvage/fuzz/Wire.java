package dev.selvage.fuzz;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 without manners: sends any bytes as a request and reads the answer strictly. */
final class Wire implements AutoCloseable {
    private static final int MOST = 64 << 20;
    private static final int LINE = 64 << 10;

    private final SocketFactory factory;
    private final int port;
    private @Nullable Socket socket;
    private InputStream in = InputStream.nullInputStream();

    /** @param status 0 when the server closed the connection instead of answering */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Answer(int status, String type, byte[] body) {
        static final Answer NONE = new Answer(0, "", new byte[0]);
    }

    Wire(SocketFactory factory, int port) {
        this.factory = factory;
        this.port = port;
    }

    /** @param streams whether only the begin of the answer's body is of interest, since it may not end */
    Answer send(byte[] request, boolean streams) throws IOException {
        boolean reused = socket != null;
        try {
            return exchange(request, streams);
        } catch (EOFException | java.net.SocketException | javax.net.ssl.SSLException e) {
            close();
            // A connection may have ended since the last answer.
            return reused ? again(request, streams) : Answer.NONE;
        }
    }

    private Answer again(byte[] request, boolean streams) throws IOException {
        try {
            return exchange(request, streams);
        } catch (EOFException | java.net.SocketException | javax.net.ssl.SSLException e) {
            close();
            return Answer.NONE;
        }
    }

    private Answer exchange(byte[] request, boolean streams) throws IOException {
        Socket open = socket;
        if (open == null) {
            open = factory.createSocket("127.0.0.1", port);
            open.setSoTimeout(25_000);
            open.setTcpNoDelay(true);
            socket = open;
            in = new BufferedInputStream(open.getInputStream());
        }
        open.getOutputStream().write(request);
        open.getOutputStream().flush();
        return answer(request, streams);
    }

    private Answer answer(byte[] request, boolean streams) throws IOException {
        String status = line();
        if (!status.matches("HTTP/1\\.[01] \\d{3}.*")) {
            throw new IOException("no status line: " + status);
        }
        int code = Integer.parseInt(status.substring(9, 12));
        if (code == 100) {
            line();
            return answer(request, streams);
        }
        String type = "";
        Optional<Integer> length = Optional.empty();
        boolean chunked = false;
        boolean ends = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String name = header.substring(0, Math.max(0, header.indexOf(':'))).toLowerCase(Locale.ROOT);
            String value = header.substring(header.indexOf(':') + 1).strip();
            switch (name) {
                case "content-type" -> type = value;
                case "content-length" -> length = Optional.of(Integer.parseInt(value));
                case "transfer-encoding" -> chunked = value.equalsIgnoreCase("chunked");
                case "connection" -> ends = value.equalsIgnoreCase("close");
                default -> {}
            }
        }
        boolean head = new String(request, 0, Math.min(5, request.length), StandardCharsets.ISO_8859_1).equals("HEAD ");
        boolean begins = streams && code < 400; // a failure always ends
        byte[] body = head || code == 204 || code == 304 ? new byte[0] : begins ? some() : body(length, chunked, ends);
        if (ends || streams) {
            close();
        }
        return new Answer(code, type, body);
    }

    private byte[] some() throws IOException {
        byte[] begin = new byte[256];
        if (socket != null) {
            socket.setSoTimeout(100);
        }
        try {
            int read = in.read(begin);
            return java.util.Arrays.copyOf(begin, Math.max(0, read));
        } catch (java.net.SocketTimeoutException quiet) {
            return new byte[0];
        }
    }

    private byte[] body(Optional<Integer> length, boolean chunked, boolean ends) throws IOException {
        if (chunked) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
                body.writeBytes(exactly(size));
                line();
            }
            line();
            return body.toByteArray();
        }
        return length.isPresent() ? exactly(length.get()) : ends ? in.readNBytes(MOST) : new byte[0];
    }

    private byte[] exactly(int size) throws IOException {
        if (size < 0 || size > MOST) {
            throw new IOException("an answer of " + size + " bytes");
        }
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("the answer was cut off");
        }
        return bytes;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("closed");
            }
            if (line.length() > LINE) {
                throw new IOException("a header line without end");
            }
            line.append((char) c);
        }
        return line.toString().stripTrailing();
    }

    /** Ends the connection; the next request opens another. */
    @Override
    public void close() {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            // It is of no further use either way.
        }
        socket = null;
    }
}
