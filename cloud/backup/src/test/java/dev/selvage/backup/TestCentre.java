package dev.selvage.backup;

import dev.selvage.identity.CertificateAuthority;
import dev.selvage.identity.IdentityConfig;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Migrations;
import dev.selvage.store.Outcome;
import dev.selvage.store.Store;
import dev.selvage.store.StoreConfig;
import dev.selvage.store.Stored;
import dev.selvage.telemetry.Sample;
import dev.selvage.telemetry.SeriesFilter;
import dev.selvage.telemetry.Telemetry;
import dev.selvage.telemetry.TelemetryConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A centre's database with the modules that keep something in it, each as the server opens it. */
final class TestCentre implements AutoCloseable {
    private static final String CLIENTS =
            "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND application_name = ?";

    final StoreConfig config;
    final Store store;
    final CertificateAuthority authority;
    final Telemetry telemetry;

    TestCentre(StoreConfig config) {
        this.config = config;
        this.store = Store.open(config);
        this.authority = CertificateAuthority.open(store.dataSource(), IdentityConfig.of(List.of()));
        this.telemetry = Telemetry.open(config.jdbcUrl(), config.user(), config.password(), TelemetryConfig.DEFAULT);
        Migrations.run(store.dataSource(), "control");
    }

    static DatabaseAddress address(StoreConfig config) {
        return new DatabaseAddress(config.jdbcUrl(), config.user(), config.password());
    }

    DatabaseAddress address() {
        return address(config);
    }

    Stored configMap(String name, String value) {
        var object = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
        object.putObject("metadata").put("name", name).put("namespace", "default");
        object.putObject("data").put("value", value);
        if (store.resources().create(object) instanceof Outcome.Committed(Stored stored)) {
            return stored;
        }
        throw new AssertionError("not created: " + name);
    }

    Optional<Stored> get(String name) {
        return store.resources().get(ObjectKey.of(Kinds.CONFIG_MAP, "default", name));
    }

    /** One value of the lane's next record. */
    void measure(long sequence, double value) {
        long now = System.currentTimeMillis();
        telemetry.ingest(
                "edge-1",
                "live",
                1,
                sequence,
                List.of(new Sample("default", "room", "d", now, now, false, Map.of("t", value))));
    }

    List<Double> measured() {
        return telemetry.latest(SeriesFilter.in("default"), 10).stream()
                .map(point -> point.value())
                .toList();
    }

    /** Returns when PostgreSQL has noticed too: it ends a connection's process a while after the client has closed. */
    @Override
    public void close() {
        telemetry.close();
        store.close();
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        try (Connection connection = address().dataSource().getConnection()) {
            while (!Tables.texts(connection, CLIENTS, DatabaseAddress.CENTRE).isEmpty()) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("the closed centre's connections do not end");
                }
                Thread.sleep(10);
            }
        } catch (SQLException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
