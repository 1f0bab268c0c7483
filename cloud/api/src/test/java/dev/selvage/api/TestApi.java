package dev.selvage.api;

import dev.selvage.model.Admission;
import dev.selvage.store.Resources;
import dev.selvage.telemetry.LiveFeed;
import dev.selvage.telemetry.Point;
import dev.selvage.telemetry.RangeQuery;
import dev.selvage.telemetry.RangeResult;
import dev.selvage.telemetry.Series;
import dev.selvage.telemetry.SeriesFilter;
import dev.selvage.telemetry.TelemetryQueries;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** A running API on a store of its own, for tests over the wire. */
final class TestApi implements AutoCloseable {
    /** Small limits where a test has to reach them. */
    static ApiConfig config() {
        ApiConfig standard = ApiConfig.defaults("127.0.0.1", 0);
        return new ApiConfig(
                standard.host(),
                0,
                "test",
                standard.maxBodyBytes(),
                standard.maxObjectBytes(),
                Duration.ofSeconds(2),
                standard.idleTimeout(),
                2_000,
                5_000,
                100,
                400);
    }

    final TestCertificates certificates = new TestCertificates();
    final TestCertificates.Identity admin = certificates.issue("CN=admin,O=system:masters");
    /** Asked after the API's own rules; tests add to it. */
    final List<Admission> admissions = new CopyOnWriteArrayList<>();

    final List<LogOptions> logRequests = new CopyOnWriteArrayList<>();
    final Resources resources;
    final AtomicBoolean healthy = new AtomicBoolean(true);
    private final TestStore store;
    private final ApiServer server;
    private final HttpClient client = client(admin);

    final TestCommands commands = new TestCommands();

    TestApi(ApiConfig config) {
        this(config, ExecSession.Bounds.STANDARD);
    }

    TestApi(ApiConfig config, ExecSession.Bounds bounds) {
        this.store = TestStore.shared();
        this.resources = store.resources();
        this.server = new ApiServer(
                config,
                certificates.context(certificates.issue("CN=server")),
                resources,
                new NoTelemetry(),
                List.of(request -> admissions.forEach(a -> a.admit(request))),
                this::log,
                commands,
                bounds,
                new OneAuthority(),
                List.of(HealthCheck.ready("store", healthy::get, "the database is away")),
                List.of(figures -> figures.counter("selvage_test_total", "from another part", 7)));
        server.start();
    }

    int port() {
        return server.port();
    }

    ApiServer.Usage usage(String limit) {
        return server.usage().stream()
                .filter(usage -> usage.name().equals(limit))
                .findFirst()
                .orElseThrow();
    }

    private InputStream log(String node, dev.selvage.model.ObjectKey pod, LogOptions options)
            throws NodeUnreachableException {
        logRequests.add(options);
        if (node.equals("away")) {
            throw new NodeUnreachableException("node \"away\" is not linked");
        }
        if (options.previous()) {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    throw new IOException("previous terminated container not found");
                }

                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    return read();
                }
            };
        }
        String text = "hello from " + pod.name() + "/" + options.container() + " on " + node + "\n";
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    HttpClient client(TestCertificates.Identity identity) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(certificates.context(identity))
                .build();
    }

    HttpResponse<String> get(String path) {
        return send("GET", path, "", "");
    }

    HttpResponse<String> send(String method, String path, String contentType, String body) {
        return send(client, method, path, contentType, body.getBytes(StandardCharsets.UTF_8));
    }

    HttpResponse<String> send(HttpClient as, String method, String path, String contentType, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        if (!contentType.isEmpty()) {
            request.header("Content-Type", contentType);
        }
        return exchange(as, request.build());
    }

    HttpResponse<String> exchange(HttpClient as, HttpRequest request) {
        try {
            return as.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A namespace that no other test uses. */
    String namespace(String name) {
        send("POST", "/api/v1/namespaces", "application/json", "{\"metadata\":{\"name\":\"" + name + "\"}}");
        return name;
    }

    Path kubeconfig(Path directory, TestCertificates.Identity identity) {
        String text = """
                apiVersion: v1
                kind: Config
                clusters: [{name: selvage, cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}}]
                users: [{name: user, user: {client-certificate-data: %s, client-key-data: %s}}]
                contexts: [{name: selvage, context: {cluster: selvage, user: user}}]
                current-context: selvage
                """.formatted(
                        port(),
                        base64(certificates.authority().certificatePem()),
                        base64(identity.certificatePem()),
                        base64(identity.keyPem()));
        try {
            return Files.writeString(directory.resolve("kubeconfig"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }

    /** Answers with one point of the series asked for. */
    private static final class NoTelemetry implements TelemetryQueries {
        private static Series series(SeriesFilter filter) {
            String namespace = filter.namespace() == null ? "" : filter.namespace();
            return new Series(1, namespace, "stream/average", "room", "temperature", "edge-1");
        }

        @Override
        public List<Series> series(SeriesFilter filter, int limit) {
            return List.of(series(filter));
        }

        @Override
        public RangeResult range(RangeQuery query) {
            if ("too-much".equals(query.filter().field())) {
                throw new IllegalArgumentException("range: too many points would have to be read");
            }
            if (String.valueOf(query.filter().key()).contains("\0")) {
                throw new IllegalStateException("PostgreSQL takes no NUL");
            }
            return new RangeResult(
                    List.of(new Point(series(query.filter()), query.fromMillis(), query.toMillis(), 4.5, false, 1)),
                    false);
        }

        @Override
        public List<Point> latest(SeriesFilter filter, int limit) {
            if (String.valueOf(filter.source()).contains("\0")) {
                throw new IllegalStateException("PostgreSQL takes no NUL");
            }
            return List.of(new Point(series(filter), 0, 10_000, 4.5, true, 1));
        }

        @Override
        public LiveFeed subscribe(SeriesFilter filter) {
            return new LiveFeed() {
                private boolean sent;

                @Override
                public Batch next(Duration wait) {
                    boolean first = !sent;
                    sent = true;
                    return new Batch(first ? latest(filter, 1) : List.of(), first ? 2 : 0, !first);
                }

                @Override
                public void close() {}
            };
        }
    }
}
