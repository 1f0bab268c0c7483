package dev.selvage.agent;

import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.SliceChange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * The run from which the image's AOT cache is made: an agent that does for some seconds what agents do, offline, with a device that answers zeros. What it does not
 * touch is merely loaded later from the jar.
 */
final class Training {
    private static final long MILLIS = 4_000;

    private Training() {}

    static int run(Home home) throws IOException, InterruptedException {
        try (ServerSocket device = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> serve(device));
            Files.writeString(home.config(), "node-name=training\nloopback-port=0\nmetrics-interval=1s\n");
            prepare(home, device.getLocalPort());
            try (Agent agent = Agent.start(home)) {
                touchTls();
                long end = System.currentTimeMillis() + MILLIS;
                while (System.currentTimeMillis() < end) {
                    ask(home, "/status");
                    ask(home, "/metrics");
                    Thread.sleep(500);
                }
                System.out.println(agent.linkState().message());
            }
        }
        return 0;
    }

    /** As a local app asks: over a bare socket, so that no HTTP client gets into the cache. */
    private static void ask(Home home, String path) throws IOException {
        String port = Files.readString(home.loopbackPort()).strip();
        String token = Files.readString(home.siteToken()).strip();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port))) {
            String request = "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1:" + port + "\r\nAuthorization: Bearer "
                    + token + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        }
    }

    private static void prepare(Home home, int port) throws IOException {
        try (SqliteSlice slice = SqliteSlice.open(home.slice(), fault -> {})) {
            List<SliceChange.Put> puts = List.of(
                    put("devicemodels.selvage.dev", "", "DeviceModel", "room", """
                            {"properties": [{"name": "temperature", "type": "number", "access": "read"},
                             {"name": "compressor", "type": "boolean", "access": "readWrite"}]}"""),
                    put("devices.selvage.dev", "training", "Device", "room", """
                            {"model": "room", "nodeName": "training", "interval": "200ms",
                             "modbusTcp": {"host": "127.0.0.1", "port": %d, "unit": 1, "timeout": "1s"},
                             "properties": [{"name": "temperature", "modbusTcp": {"table": "input", "address": 0, "type": "int16", "scale": 0.01}}]}""".formatted(port)));
            slice.apply(new SliceChange("training", 1, puts, List.of()));
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    private static SliceChange.Put put(String resource, String namespace, String kind, String name, String spec) {
        var object = Json.object().put("apiVersion", "selvage.dev/v1alpha1").put("kind", kind);
        object.putObject("metadata")
                .put("name", name)
                .put("namespace", namespace)
                .put("uid", name);
        object.set("spec", Json.parseObject(spec));
        return new SliceChange.Put(new ObjectKey(resource, namespace, name), name, 1, Json.bytes(object));
    }

    private static void serve(ServerSocket device) {
        try {
            while (true) {
                Socket socket = device.accept();
                Thread.startVirtualThread(() -> answer(socket));
            }
        } catch (IOException closed) {
            // The training is over.
        }
    }

    /** Modbus TCP: whatever is asked, one register or eight coils of zero. */
    private static void answer(Socket socket) {
        try (socket;
                InputStream in = socket.getInputStream();
                OutputStream out = socket.getOutputStream()) {
            while (true) {
                byte[] head = in.readNBytes(7);
                if (head.length < 7) {
                    return;
                }
                byte[] body = in.readNBytes((head[4] & 0xff) * 256 + (head[5] & 0xff) - 1);
                int function = body[0];
                int count = function <= 2 ? 1 : 2 * ((body[3] & 0xff) * 256 + (body[4] & 0xff));
                byte[] answer = new byte[9 + count];
                System.arraycopy(head, 0, answer, 0, 7);
                answer[4] = (byte) ((3 + count) >> 8);
                answer[5] = (byte) (3 + count);
                answer[7] = (byte) function;
                answer[8] = (byte) count;
                out.write(answer);
                out.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins a handshake, which loads most of what TLS 1.3 needs. */
    private static void touchTls() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> {
                try (Socket socket = silent.accept()) {
                    socket.getOutputStream().write("no TLS here".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            try (SSLSocket socket = (SSLSocket)
                    SSLContext.getDefault().getSocketFactory().createSocket("127.0.0.1", silent.getLocalPort())) {
                socket.setEnabledProtocols(new String[] {"TLSv1.3"});
                socket.startHandshake();
            } catch (IOException expected) {
                System.out.println("TLS: " + expected.getMessage());
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }
}
