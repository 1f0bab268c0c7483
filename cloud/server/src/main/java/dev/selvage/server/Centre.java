package dev.selvage.server;

import dev.selvage.api.ApiConfig;
import dev.selvage.api.ApiServer;
import dev.selvage.api.HealthCheck;
import dev.selvage.control.ControlConfig;
import dev.selvage.control.Controllers;
import dev.selvage.control.admission.Admissions;
import dev.selvage.hub.Hub;
import dev.selvage.hub.HubConfig;
import dev.selvage.identity.AdminKubeconfig;
import dev.selvage.identity.AuthorityWatch;
import dev.selvage.identity.CertificateAuthority;
import dev.selvage.identity.NodeRegistry;
import dev.selvage.identity.PeerCertificates;
import dev.selvage.identity.ServerKeys;
import dev.selvage.store.EmbeddedPostgres;
import dev.selvage.store.Store;
import dev.selvage.store.StoreConfig;
import dev.selvage.telemetry.Telemetry;
import dev.selvage.telemetry.TelemetryConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;

/** All parts of a centre, wired in the order of their dependence and closed in the reverse. */
final class Centre implements AutoCloseable {
    private final Closing parts;

    private Centre(Closing parts) {
        this.parts = parts;
    }

    static Centre start(ServerOptions options) {
        return start(options, new Closing());
    }

    /** @param parts takes what is started; whoever closes it ends the start, too */
    static Centre start(ServerOptions options, Closing parts) {
        try {
            wire(options, parts);
            return new Centre(parts);
        } catch (RuntimeException | Error e) {
            parts.close();
            throw e;
        }
    }

    private static void wire(ServerOptions options, Closing parts) {
        StoreConfig database = database(options, parts);
        Store store = parts.keep(Store.open(database));
        CertificateAuthority authority = CertificateAuthority.open(store.dataSource(), options.identity());
        ServerKeys keys = parts.keep(ServerKeys.start(authority));
        AuthorityWatch watch = parts.keep(new AuthorityWatch(authority));
        Telemetry telemetry = parts.keep(
                Telemetry.open(database.jdbcUrl(), database.user(), database.password(), TelemetryConfig.DEFAULT));
        Controllers controllers = parts.keep(new Controllers(
                store.resources(), store.leases(), store.dataSource(), ControlConfig.DEFAULT, Clock.systemUTC()));
        Hub hub = parts.keep(hub(options, authority, keys, store, telemetry));
        ApiServer api = parts.keep(new ApiServer(
                ApiConfig.defaults(options.listen(), options.apiPort())
                        .withLimits(
                                options.apiRequestsPerSecond(), options.apiConcurrentRequests(), options.apiWatches()),
                Tls.context(keys, authority),
                store.resources(),
                telemetry,
                Admissions.all(store.resources()),
                new HubPodLogs(hub.streams()),
                new HubPodCommands(hub.streams()),
                new CentreAuthorities(authority),
                List.of(
                        HealthCheck.live("threads", store::alive, "a thread of the store has ended; the log says why"),
                        HealthCheck.live("hub", hub::listening, "the hub does not listen"),
                        HealthCheck.ready("store", store::healthy, "the database does not answer"),
                        HealthCheck.ready("certificate", () -> keys.valid(), "the server's certificate has expired")),
                List.of(new ProcessFigures(), store, telemetry, hub)));
        controllers.start();
        api.start();
        writeKubeconfig(options, authority, api.port());
        watch.onChange(keys::renew);
        watch.onChange(hub::trustChanged);
        watch.onChange(() -> writeKubeconfig(options, authority, api.port()));
        watch.start();
    }

    private static Hub hub(
            ServerOptions options, CertificateAuthority authority, ServerKeys keys, Store store, Telemetry telemetry) {
        HubConfig config =
                HubConfig.defaults(options.listen(), options.hubPort()).withinOpenFiles(OpenFiles.limit());
        try {
            return Hub.start(
                    config.with(config.times().withHeartbeat(options.heartbeat())),
                    keys,
                    new PeerCertificates(authority),
                    new NodeRegistry(authority, store.dataSource(), store.resources(), store.leases()),
                    store.resources(),
                    store.leases(),
                    Admissions.pods(store.resources()),
                    telemetry);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private static StoreConfig database(ServerOptions options, Closing parts) {
        if (options.database().isPresent()) {
            return StoreConfig.of(options.database().get(), options.databaseUser(), options.databasePassword());
        }
        EmbeddedPostgres postgres =
                parts.keep(EmbeddedPostgres.start(options.home().resolve("postgres"), options.databasePort()));
        return StoreConfig.of(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }

    /** Written last: that it is there says that the API answers. */
    private static void writeKubeconfig(ServerOptions options, CertificateAuthority authority, int port) {
        String host = options.everywhere() ? "127.0.0.1" : options.listen();
        try {
            AdminKubeconfig.write(
                    options.kubeconfig(),
                    "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port,
                    authority);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the kubeconfig " + options.kubeconfig(), e);
        }
    }

    @Override
    public void close() {
        parts.close();
    }
}
