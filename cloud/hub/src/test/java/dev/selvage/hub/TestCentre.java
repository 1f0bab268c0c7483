package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.identity.AuthorityWatch;
import dev.selvage.identity.CertificateAuthority;
import dev.selvage.identity.IdentityConfig;
import dev.selvage.identity.NodeRegistry;
import dev.selvage.identity.PeerCertificates;
import dev.selvage.identity.ServerKeys;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.HubAddress;
import dev.selvage.session.NodeIdentity;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Resources;
import dev.selvage.store.Store;
import dev.selvage.store.StoreConfig;
import dev.selvage.store.Stored;
import dev.selvage.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A centre's store, identity and hub, on a real database and a loopback port. */
final class TestCentre implements AutoCloseable {
    static final String SECRET = "0123456789abcdef0123456789abcdef";

    final StoreConfig database;
    final Store store;
    final CertificateAuthority authority;
    final ServerKeys keys;
    private final AuthorityWatch watch;
    final NodeRegistry registry;
    final RecordingLanes lanes = new RecordingLanes();
    private final LaneSink sink;
    /** Beats come quickly; only what lasts for many of them is silence, so that a machine that pauses ends no session. */
    private HubConfig config = HubConfig.defaults("127.0.0.1", 0)
            .with(HubTimes.DEFAULTS.withHeartbeat(
                    Duration.ofMillis(300), Duration.ofSeconds(4), Duration.ofSeconds(30)));

    private Resources hubsView;
    private Hub hub;

    TestCentre() throws IOException {
        this(Duration.ofHours(24));
    }

    TestCentre(Duration nodeLife) throws IOException {
        this(TestDatabase.create(), nodeLife);
    }

    TestCentre(StoreConfig database, Duration nodeLife) throws IOException {
        this(database, nodeLife, Function.identity());
    }

    /** @param sink what the hub gets in place of the recording lanes */
    TestCentre(StoreConfig database, Duration nodeLife, Function<LaneSink, LaneSink> sink) throws IOException {
        this(database, IdentityConfig.of(List.of()).withNodeLife(nodeLife), sink);
    }

    TestCentre(IdentityConfig identity) throws IOException {
        this(TestDatabase.create(), identity, Function.identity());
    }

    private TestCentre(StoreConfig database, IdentityConfig identity, Function<LaneSink, LaneSink> sink)
            throws IOException {
        this.database = database;
        this.sink = sink.apply(lanes);
        this.store = Store.open(database);
        this.authority = CertificateAuthority.open(store.dataSource(), identity);
        this.watch = new AuthorityWatch(authority);
        this.keys = ServerKeys.start(authority);
        this.registry = new NodeRegistry(authority, store.dataSource(), store.resources(), store.leases());
        this.hubsView = store.resources();
        this.hub = startHub(0);
        watch.onChange(keys::renew);
        watch.onChange(() -> hub.trustChanged());
        watch.start();
    }

    private Hub startHub(int port) throws IOException {
        config = new HubConfig(config.host(), port, "hub-1", config.times(), config.limits());
        return Hub.start(
                config, keys, new PeerCertificates(authority), registry, hubsView, store.leases(), request -> {}, sink);
    }

    Hub hub() {
        return hub;
    }

    /** The hub dies and comes back on its port. */
    void restartHub() throws IOException {
        int port = hub.port();
        hub.close();
        hub = startHub(port);
    }

    /** The same with a hub that allows something else. */
    void restartHub(UnaryOperator<HubConfig> change) throws IOException {
        config = change.apply(config);
        restartHub();
    }

    /** The same with a hub that sees the store like this. */
    void restartHub(Resources view) throws IOException {
        hubsView = view;
        restartHub();
    }

    HubAddress address() {
        return new HubAddress("127.0.0.1", hub.port());
    }

    /** Creates a join token and gives its text. */
    String token(String name, String... spec) {
        ObjectNode token = object(Kinds.JOIN_TOKEN, "", name);
        ObjectNode fields = Json.object()
                .put("tokenHash", hash(SECRET))
                .put("expiresAt", Instant.now().plusSeconds(3600).toString())
                .put("maxUses", 1)
                .put("site", "branch-1");
        for (int i = 0; i < spec.length; i += 2) {
            if (spec[i + 1].matches("[0-9]+")) {
                fields.put(spec[i], Integer.parseInt(spec[i + 1]));
            } else {
                fields.put(spec[i], spec[i + 1]);
            }
        }
        token.set("spec", fields);
        create(token);
        return name + "." + SECRET;
    }

    /** Of a node that has joined and never came. */
    NodeIdentity enrolled(String name) throws IOException {
        try (var node = new TestNode(name, address())) {
            return node.enroll(authority.fingerprint(), token("join-" + name));
        }
    }

    static String hash(String secret) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static ObjectNode object(Kind kind, String namespace, String name) {
        ObjectNode object = Json.object().put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        ObjectNode metadata = object.putObject("metadata").put("name", name);
        if (!namespace.isEmpty()) {
            metadata.put("namespace", namespace);
        }
        return object;
    }

    Stored create(ObjectNode object) {
        return store.resources()
                .create(object)
                .success()
                .orElseThrow(() -> new AssertionError("not created: " + object));
    }

    Stored create(Kind kind, String namespace, String name, String rest) {
        ObjectNode object = object(kind, namespace, name);
        object.setAll(Json.parseObject(rest));
        return create(object);
    }

    Stored change(ObjectKey key, java.util.function.Consumer<ObjectNode> change) {
        return store.resources()
                .mutate(key, object -> {
                    change.accept(object);
                    return object;
                })
                .success()
                .orElseThrow();
    }

    void delete(ObjectKey key) {
        store.resources().delete(key, DeleteOptions.DEFAULT);
    }

    Optional<ObjectNode> get(ObjectKey key) {
        return store.resources().get(key).map(Stored::parse);
    }

    @Override
    public void close() {
        watch.close();
        hub.close();
        keys.close();
        store.close();
    }
}
