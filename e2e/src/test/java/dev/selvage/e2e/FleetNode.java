package dev.selvage.e2e;

import dev.selvage.lanes.Lanes;
import dev.selvage.lanes.LanesConfig;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.Enrollment;
import dev.selvage.session.Held;
import dev.selvage.session.HubAddress;
import dev.selvage.session.IdentityFile;
import dev.selvage.session.LinkSession;
import dev.selvage.session.SessionConfig;
import dev.selvage.session.SessionListener;
import dev.selvage.session.SliceChange;
import dev.selvage.session.SliceStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** One node of a fleet: an agent's end of the link as it is, its slice in memory, nothing else. */
final class FleetNode implements AutoCloseable, SliceStore {
    /** A machine that is too busy is no reason to ask twice: who comes twice was sent away. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Lanes lanes;
    private final LinkSession session;
    private final Map<ObjectKey, SliceChange.Put> objects = new TreeMap<>();
    private final List<Long> linkedAt = new CopyOnWriteArrayList<>();
    private String incarnation = "";
    private long revision;

    FleetNode(Path home, String name, HubAddress hub, String fingerprint, String token) throws IOException {
        var config = SessionConfig.of(List.of(hub), "fleet")
                .withConnectTimeout(PATIENCE)
                .withBackoff(Duration.ofMillis(500), Duration.ofSeconds(20));
        var identity = new IdentityFile(home.resolve("identity"));
        Enrollment.enroll(config, identity, fingerprint, token, name, Map.of());
        this.lanes = Lanes.open(home.resolve("lanes"), LanesConfig.standard());
        this.session = new LinkSession(
                config,
                identity,
                this,
                lanes,
                (request, out) -> {
                    throw new IOException("no logs here");
                },
                new SessionListener() {
                    @Override
                    public void linked(HubAddress to, long epoch) {
                        linkedAt.add(System.nanoTime());
                    }
                });
        session.start();
    }

    boolean linked() {
        return session.linked();
    }

    /** When each of its sessions began, as {@link System#nanoTime} has it. */
    List<Long> linkedAt() {
        return linkedAt;
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
                .map(put -> new Held(put.key(), put.uid(), put.revision()))
                .toList();
    }

    @Override
    public synchronized void apply(SliceChange change) {
        change.puts().forEach(put -> objects.put(put.key(), put));
        change.deletes().forEach(delete -> objects.remove(delete.key()));
        incarnation = change.incarnation();
        revision = change.revision();
    }

    @Override
    public void close() throws IOException {
        session.close();
        lanes.close();
    }
}
