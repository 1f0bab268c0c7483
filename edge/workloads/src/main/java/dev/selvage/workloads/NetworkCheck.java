package dev.selvage.workloads;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.function.IntPredicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** httpGet and tcpSocket of probes and hooks over plain sockets: an HTTP client library would cost the agent megabytes. */
final class NetworkCheck {
    private static final int MAX_STATUS_LINE = 512;

    private NetworkCheck() {}

    /** @param message why not, in upstream's words */
    record Result(boolean ok, String message) {}

    static Result tcp(String host, int port, Duration timeout) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), millis(timeout));
            return new Result(true, "");
        } catch (IOException | IllegalArgumentException e) {
            OwnLimitException.check(e.getMessage());
            return new Result(false, "dial tcp %s:%d: %s".formatted(host, port, e.getMessage()));
        }
    }

    /** Any answer from 200 to 399 is a success; redirects are not followed, and certificates not verified, as upstream. */
    static Result http(ProbeSpec.Check.Http check, Duration timeout) {
        return http(check, timeout, code -> code >= 200 && code < 400);
    }

    /** Any answer at all is a success: the kubelet does not look at the status that a hook's server answers. */
    static Result call(ProbeSpec.Check.Http check, Duration timeout) {
        return http(check, timeout, code -> true);
    }

    private static Result http(ProbeSpec.Check.Http check, Duration timeout, IntPredicate well) {
        String url = "%s://%s:%d%s"
                .formatted(check.tls() ? "https" : "http", check.host(), check.port(), slash(check.path()));
        long deadline = System.nanoTime() + timeout.toNanos();
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(check.host(), check.port()), millis(timeout));
            plain.setSoTimeout(millis(timeout)); // of the TLS handshake too
            Socket socket = check.tls() ? secured(plain, check) : plain;
            socket.getOutputStream().write(request(check).getBytes(StandardCharsets.UTF_8));
            String[] parts = statusLine(socket, deadline).split(" ", 3);
            if (parts.length < 2 || !parts[0].startsWith("HTTP/") || !parts[1].matches("\\d{3}")) {
                return new Result(false, "Get \"%s\": malformed HTTP response".formatted(url));
            }
            int code = Integer.parseInt(parts[1]);
            return new Result(well.test(code), "HTTP probe failed with statuscode: %d".formatted(code));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            OwnLimitException.check(e.getMessage());
            return new Result(false, "Get \"%s\": %s".formatted(url, e.getMessage()));
        }
    }

    /** The first line, as far as it is worth reading: the app may be broken or hostile, it may send without end or byte by byte. */
    private static String statusLine(Socket socket, long deadline) throws IOException {
        byte[] line = new byte[MAX_STATUS_LINE];
        InputStream in = socket.getInputStream();
        int count = 0;
        while (count < line.length) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new SocketTimeoutException("no answer in time");
            }
            socket.setSoTimeout((int) left);
            int read = in.read(line, count, line.length - count);
            if (read < 0) {
                break;
            }
            count += read;
            String text = new String(line, 0, count, StandardCharsets.ISO_8859_1);
            if (text.indexOf('\n') >= 0) {
                return text.substring(0, text.indexOf('\n'));
            }
        }
        return new String(line, 0, count, StandardCharsets.ISO_8859_1);
    }

    private static String request(ProbeSpec.Check.Http check) {
        StringBuilder text =
                new StringBuilder("GET " + URI.create(slash(check.path())).toASCIIString() + " HTTP/1.1\r\n");
        boolean named = false;
        for (String header : check.headers()) {
            named |= header.regionMatches(true, 0, "host:", 0, 5);
            text.append(header.replaceAll("[\r\n]", " ")).append("\r\n");
        }
        if (!named) {
            text.append("Host: ")
                    .append(check.host())
                    .append(':')
                    .append(check.port())
                    .append("\r\n");
        }
        return text.append("User-Agent: selvage-probe/1\r\nAccept: */*\r\nConnection: close\r\n\r\n")
                .toString();
    }

    private static Socket secured(Socket plain, ProbeSpec.Check.Http check)
            throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anyone()}, new SecureRandom());
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, check.host(), check.port(), true);
        socket.startHandshake();
        return socket;
    }

    private static String slash(String path) {
        return path.startsWith("/") ? path : "/" + path;
    }

    private static int millis(Duration timeout) {
        return (int) Math.max(1, timeout.toMillis());
    }

    /** A probe asks whether the app answers, not who it is (upstream: "certificate verification is skipped"). */
    private static final class Anyone extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
