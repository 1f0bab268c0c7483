package dev.selvage.sim.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A call to a Docker Engine by HTTP/1.0, whose answers end with the connection: independent of the client under test. */
public final class EngineCall {
    private static final Pattern ID = Pattern.compile("\"Id\":\"([0-9a-f]{64})\"");

    private EngineCall() {}

    static boolean answers(Path socket) {
        try {
            return call(socket, "GET", "/_ping", "").equals("OK");
        } catch (IOException e) {
            return false;
        }
    }

    static void tryCall(Path socket, String method, String target) {
        try {
            call(socket, method, target, "");
        } catch (IOException e) {
            System.getLogger(EngineCall.class.getName()).log(System.Logger.Level.DEBUG, e.getMessage());
        }
    }

    /** @throws IOException when it cannot be reached or answers with an error */
    public static String call(Path socket, String method, String target, String json) throws IOException {
        return exchange(socket, method, target, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    static String upload(Path socket, String target, byte[] tar) throws IOException {
        return exchange(socket, "POST", target, "application/x-tar", tar);
    }

    static void push(Path socket, String target, String auth) throws IOException {
        exchange(socket, "POST", target, "application/json\r\nX-Registry-Auth: " + auth, new byte[0]);
    }

    private static String exchange(Path socket, String method, String target, String type, byte[] body)
            throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            String head = "%s %s HTTP/1.0\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                    .formatted(method, target, type, body.length);
            write(channel, head.getBytes(StandardCharsets.US_ASCII));
            write(channel, body);
            String answer = read(channel);
            int end = answer.indexOf("\r\n\r\n");
            String text = end < 0 ? "" : answer.substring(end + 4);
            if (!answer.matches("(?s)HTTP/1\\.[01] [23].*") || text.contains("\"errorDetail\"")) {
                throw new IOException(method + " " + target + ": " + answer);
            }
            return text;
        }
    }

    /** A successful answer's body goes into a file. */
    static void download(Path socket, String target, Path to) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            write(channel, "GET %s HTTP/1.0\r\n\r\n".formatted(target).getBytes(StandardCharsets.US_ASCII));
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            ByteBuffer one = ByteBuffer.allocate(1);
            while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
                if (channel.read(one.clear()) < 0) {
                    throw new IOException(target + ": " + head.toString(StandardCharsets.US_ASCII));
                }
                head.write(one.get(0));
            }
            if (!head.toString(StandardCharsets.US_ASCII).matches("(?s)HTTP/1\\.[01] 200 .*")) {
                throw new IOException(target + ": " + head.toString(StandardCharsets.US_ASCII) + read(channel));
            }
            try (FileChannel file = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
                while (channel.read(buffer.clear()) >= 0) {
                    file.write(buffer.flip());
                }
            }
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static String read(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8 << 10);
        while (channel.read(buffer.clear()) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** The ids of the containers in a list. */
    static List<String> ids(String list) {
        List<String> ids = new ArrayList<>();
        Matcher matcher = ID.matcher(list);
        while (matcher.find()) {
            ids.add(matcher.group(1));
        }
        return ids;
    }
}
