package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Admission;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Measured;
import dev.selvage.model.Metrics;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.telemetry.TelemetryQueries;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;
import org.eclipse.jetty.websocket.core.server.WebSocketServerComponents;

/** The Kubernetes-compatible HTTPS API. The only module that knows the HTTP library. */
public final class ApiServer implements AutoCloseable {
    private static final List<String> FIRST_NAMESPACES = List.of("default", "kube-system", "selvage-system");
    private static final int MOST_CONNECTIONS = 10_000;

    private final ApiConfig config;
    private final Resources resources;
    private final Server server;
    private final ServerConnector connector;
    private final Limits limits;
    private final AtomicBoolean stopping = new AtomicBoolean();

    /**
     * A limit and how near it is.
     *
     * @param name {@code api_requests}, {@code api_watches}, {@code api_large_lists}, {@code api_body_bytes}
     * @param refused requests that were answered 429 because of it
     */
    public record Usage(String name, long max, long used, long refused) {}

    /**
     * @param tls the server's key, and trust in the authority of client certificates; a context whose key manager
     *     reloads needs no restart
     * @param admissions asked in this order before every write
     * @param authorities also says, at each request, whether the client's certificate is trusted still
     * @param checks what health and readiness consist of, beside the API's own
     * @param measured what tells its figures in /metrics, beside the API
     */
    public ApiServer(
            ApiConfig config,
            SSLContext tls,
            Resources resources,
            TelemetryQueries telemetry,
            List<Admission> admissions,
            PodLogs logs,
            PodCommands commands,
            Authorities authorities,
            List<HealthCheck> checks,
            List<Measured> measured) {
        this(
                config,
                tls,
                resources,
                telemetry,
                admissions,
                logs,
                commands,
                ExecSession.Bounds.STANDARD,
                authorities,
                checks,
                measured);
    }

    ApiServer(
            ApiConfig config,
            SSLContext tls,
            Resources resources,
            TelemetryQueries telemetry,
            List<Admission> admissions,
            PodLogs logs,
            PodCommands commands,
            ExecSession.Bounds commandBounds,
            Authorities authorities,
            List<HealthCheck> checks,
            List<Measured> measured) {
        this.config = config;
        this.resources = resources;
        Throttle throttle = new Throttle(config);
        this.limits = new Limits(config);
        QueuedThreadPool pool = new QueuedThreadPool(32, 4);
        pool.setName("api");
        pool.setVirtualThreadsExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("api-", 0).factory()));
        this.server = new Server(pool);
        ApiHandler[] handler = new ApiHandler[1];
        handler[0] = new ApiHandler(
                config,
                paths(
                        telemetry,
                        admissions,
                        logs,
                        commands,
                        commandBounds,
                        authorities,
                        new Health(all(checks)),
                        () -> metrics(handler[0], throttle, measured)),
                throttle,
                limits,
                authorities);
        server.setHandler(handler[0]);
        server.setErrorHandler(new HttpFailures());
        server.setStopTimeout(2_000);
        this.connector = connector(tls);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, connector));
    }

    private ApiPaths paths(
            TelemetryQueries telemetry,
            List<Admission> admissions,
            PodLogs logs,
            PodCommands commands,
            ExecSession.Bounds commandBounds,
            Authorities authorities,
            Health health,
            Supplier<String> metrics) {
        Schemas schemas = new Schemas();
        Discovery discovery = new Discovery();
        Intake intake = new Intake(schemas, config.maxObjectBytes());
        Writes writes = new Writes(resources, admissions, intake);
        ResourcePaths resourcePaths = new ResourcePaths(
                new Reads(resources),
                new Watches(resources, stopping),
                writes,
                new Patches(resources, schemas, intake, writes),
                new Deletes(resources, intake, writes),
                new Logs(resources, logs),
                new Scales(resources, intake, writes),
                new ExecPaths(
                        resources,
                        commands,
                        limits,
                        new WebSocketMappings(WebSocketServerComponents.ensureWebSocketComponents(server)),
                        commandBounds));
        return new ApiPaths(
                config,
                discovery,
                new OpenApi(schemas, discovery.groupVersions(), config.version()),
                new Reviews(intake),
                new TelemetryPaths(telemetry, stopping),
                new AuthorityPaths(authorities),
                resourcePaths,
                health,
                metrics);
    }

    private List<HealthCheck> all(List<HealthCheck> checks) {
        List<HealthCheck> all = new ArrayList<>();
        all.add(new HealthCheck("ping", true, Optional::empty));
        all.addAll(checks);
        all.add(HealthCheck.ready("shutdown", () -> !stopping.get(), "the centre is stopping"));
        return all;
    }

    private ServerConnector connector(SSLContext tls) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(16 << 10);
        http.setHeaderCacheSize(128); // each connection has its own: 100 KiB at the 1,024 of Jetty
        http.setOutputBufferSize(32 << 10);
        http.addCustomizer(new SecureRequestCustomizer(false)); // reached by whatever name leads here
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setSslContext(tls);
        ssl.setWantClientAuth(true);
        ssl.setIncludeProtocols("TLSv1.3", "TLSv1.2"); // 1.2 for kubectl of old distributions
        ssl.setSniRequired(false);
        ServerConnector made = new ServerConnector(
                server, 1, 1, new SslConnectionFactory(ssl, "http/1.1"), new HttpConnectionFactory(http));
        made.setHost(config.host());
        made.setPort(config.port());
        made.setIdleTimeout(config.idleTimeout().toMillis());
        made.addBean(new HeadDeadline(made.getScheduler(), config.bodyTimeout()));
        made.addBean(new AddressLimit(MOST_CONNECTIONS / 4));
        return made;
    }

    /** Makes sure of the first namespaces and begins to listen. */
    public void start() {
        for (String name : FIRST_NAMESPACES) {
            ObjectNode namespace = Json.object().put("apiVersion", "v1").put("kind", Kinds.NAMESPACE.kind());
            namespace
                    .putObject("metadata")
                    .put("name", name)
                    .putObject("labels")
                    .put("kubernetes.io/metadata.name", name);
            Outcome outcome = resources.create(namespace);
            if (!outcome.succeeded() && !(outcome instanceof Outcome.AlreadyExists)) {
                throw new IllegalStateException("namespace " + name + " cannot be created: " + outcome);
            }
        }
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException(
                    "the API cannot listen on " + config.host() + ":" + config.port() + ": " + e.getMessage(), e);
        }
    }

    /** The port that is listened on. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Every limit that requests share, as it stands now. */
    public List<Usage> usage() {
        return limits.usage();
    }

    private String metrics(ApiHandler handler, Throttle throttle, List<Measured> measured) {
        Metrics figures = new Metrics();
        figures.limit("api_connections", connector.getConnectedEndPoints().size(), MOST_CONNECTIONS);
        for (Usage usage : usage()) {
            figures.limit(usage.name(), usage.used(), usage.max());
            figures.counter(
                    "selvage_limit_refused_total",
                    "requests refused at the limit (429)",
                    usage.refused(),
                    "limit",
                    usage.name());
        }
        figures.counter("selvage_api_requests_total", "requests", handler.requests());
        figures.counter("selvage_api_failures_total", "answers of 500 and above", handler.failures());
        figures.gauge("selvage_api_watches", "watches under way", limits.watches());
        figures.counter(
                "selvage_api_rate_refused_total", "requests that came faster than they may (429)", throttle.refused());
        measured.forEach(part -> part.measure(figures));
        return figures.text();
    }

    /** Ends watches, waits for requests under way up to two seconds, and stops listening. */
    @Override
    public void close() {
        stopping.set(true);
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the API did not stop: " + e.getMessage(), e);
        }
    }
}
