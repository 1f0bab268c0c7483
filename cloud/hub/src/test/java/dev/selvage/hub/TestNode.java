package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.lanes.Lanes;
import dev.selvage.lanes.LanesConfig;
import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.CommandRequest;
import dev.selvage.session.CommandStreams;
import dev.selvage.session.Enrollment;
import dev.selvage.session.Held;
import dev.selvage.session.HubAddress;
import dev.selvage.session.IdentityFile;
import dev.selvage.session.LinkSession;
import dev.selvage.session.LogRequest;
import dev.selvage.session.NodeIdentity;
import dev.selvage.session.NodeMachine;
import dev.selvage.session.SessionConfig;
import dev.selvage.session.SessionListener;
import dev.selvage.session.SliceChange;
import dev.selvage.session.SliceStore;
import dev.selvage.session.StreamHandler;
import dev.selvage.testing.TestDatabase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A node's end of the link, its slice in memory, everything else real. */
final class TestNode implements AutoCloseable, SliceStore, SessionListener {
    final String name;
    final Path home;
    final Lanes lanes;
    private SessionConfig config;
    private final Map<ObjectKey, SliceChange.Put> objects = new TreeMap<>();
    private final List<SliceChange> changes = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private String incarnation = "";
    private long revision;
    private @Nullable LinkSession session;
    /** What this listener throws on hearing. */
    volatile String deafTo = "";

    StreamHandler streams = (request, out) -> {
        throw new IOException("no logs here");
    };

    Commands commands = (request, client) -> {
        throw new IOException("no commands here");
    };

    TestNode(String name, HubAddress hub) throws IOException {
        this(name, hub, Duration.ofSeconds(5));
    }

    TestNode(String name, HubAddress hub, Duration connectTimeout) throws IOException {
        this.name = name;
        this.home = Files.createTempDirectory("selvage-node");
        this.lanes = Lanes.open(home.resolve("lanes"), LanesConfig.standard());
        this.config = SessionConfig.of(List.of(hub), "test")
                .withBackoff(Duration.ofMillis(20), Duration.ofMillis(200))
                .withConnectTimeout(connectTimeout);
    }

    IdentityFile identity() {
        return new IdentityFile(home.resolve("identity"));
    }

    NodeIdentity enroll(String fingerprint, String token) throws IOException {
        return enroll(fingerprint, token, Map.of("kubernetes.io/arch", "amd64"));
    }

    NodeIdentity enroll(String fingerprint, String token, Map<String, String> labels) throws IOException {
        return Enrollment.enroll(config, identity(), fingerprint, token, name, labels);
    }

    /** The node says that it runs on this host. */
    TestNode on(String host) {
        config = config.withMachine(new NodeMachine(host, "", home.toString()));
        return this;
    }

    /** The node stays away for as long as a hub asks it to; others come after two seconds at the latest. */
    TestNode patient() {
        config = config.withBackoff(Duration.ofMillis(20), Duration.ofSeconds(5));
        return this;
    }

    /** A node that has joined this centre and is linked. */
    static TestNode linked(TestCentre centre, String name) throws Exception {
        return linked(centre, new TestNode(name, centre.address()));
    }

    static TestNode linked(TestCentre centre, TestNode node) throws Exception {
        node.enroll(centre.authority.fingerprint(), centre.token("join-" + node.name));
        node.start();
        Eventually.eventually(() -> {
            if (!node.session().linked()) {
                throw new AssertionError("not linked: " + node.heard());
            }
        });
        return node;
    }

    void start() throws IOException {
        session = new LinkSession(config, identity(), this, lanes, new Streams(), this);
        session.start();
    }

    /** Whatever a test says that it serves. */
    private final class Streams implements StreamHandler {
        @Override
        public void logs(LogRequest request, OutputStream out) throws IOException {
            streams.logs(request, out);
        }

        @Override
        public int run(CommandRequest request, CommandStreams client) throws IOException, InterruptedException {
            return commands.run(request, client);
        }
    }

    interface Commands {
        int run(CommandRequest request, CommandStreams client) throws IOException, InterruptedException;
    }

    LinkSession session() {
        LinkSession present = session;
        if (present == null) {
            throw new AssertionError("not started");
        }
        return present;
    }

    void stop() {
        LinkSession present = session;
        if (present != null) {
            present.close();
            session = null;
        }
    }

    @Override
    public synchronized String incarnation() {
        return incarnation;
    }

    @Override
    public synchronized long revision() {
        return revision;
    }

    @Override
    public synchronized List<Held> held() {
        return objects.values().stream()
                .map(p -> new Held(p.key(), p.uid(), p.revision()))
                .toList();
    }

    @Override
    public synchronized void apply(SliceChange change) {
        change.puts().forEach(put -> objects.put(put.key(), put));
        change.deletes().forEach(delete -> objects.remove(delete.key()));
        incarnation = change.incarnation();
        revision = change.revision();
        changes.add(change);
    }

    synchronized List<SliceChange> changes() {
        return List.copyOf(changes);
    }

    synchronized List<ObjectKey> keys() {
        return List.copyOf(objects.keySet());
    }

    synchronized Optional<ObjectNode> object(ObjectKey key) {
        return Optional.ofNullable(objects.get(key)).map(put -> Json.parseObject(put.json()));
    }

    /** As if the node came from another centre's backup. */
    synchronized void pretend(String otherIncarnation, long otherRevision) {
        incarnation = otherIncarnation;
        revision = otherRevision;
    }

    synchronized void hold(SliceChange.Put put) {
        objects.put(put.key(), put);
    }

    private synchronized void hear(String what) {
        heard.add(what);
        if (!deafTo.isEmpty() && what.startsWith(deafTo)) {
            throw new IllegalStateException("a listener that fails");
        }
    }

    synchronized List<String> heard() {
        return List.copyOf(heard);
    }

    @Override
    public void linked(HubAddress hub, long epoch) {
        hear("linked " + epoch);
    }

    @Override
    public void unlinked(String reason) {
        hear("unlinked " + reason);
    }

    @Override
    public void refused(String code, String message) {
        hear("refused " + code + " " + message);
    }

    @Override
    public void notRenewed(String reason) {
        hear("not renewed " + reason);
    }

    @Override
    public void renewed(NodeIdentity identity) {
        hear("renewed " + identity.generation());
    }

    @Override
    public void reportRefused(ObjectKey object, String reason) {
        hear("report refused " + object + " " + reason);
    }

    @Override
    public void close() throws IOException {
        stop();
        lanes.close();
        TestDatabase.delete(home);
    }
}
