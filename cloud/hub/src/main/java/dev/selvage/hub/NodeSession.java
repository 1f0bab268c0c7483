package dev.selvage.hub;

import dev.selvage.identity.Machine;
import dev.selvage.identity.NodeRegistry;
import dev.selvage.identity.Peer;
import dev.selvage.link.Beat;
import dev.selvage.link.Hello;
import dev.selvage.link.HubMessage;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.StreamRequest;
import dev.selvage.link.Welcome;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node's control connection, from its Welcome to its end. The caller's thread reads; three more send the slice, write reports, and store lanes. */
final class NodeSession {
    private static final Logger LOG = LoggerFactory.getLogger(NodeSession.class);

    private static final Duration END = Duration.ofSeconds(10);
    private static final Duration WRITTEN = Duration.ofSeconds(5);

    private final String node;
    private final Machine machine;
    private final long epoch;
    private final HubConfig config;
    private final NodeConnection connection;
    private final SliceSender slice;
    private final ReportWriter reports;
    private final LaneReceiver lanes;
    private final Heartbeats heartbeats;
    private final SessionTrust trust;
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    private final Set<Runnable> companions = ConcurrentHashMap.newKeySet();
    private final CountDownLatch ended = new CountDownLatch(1);
    private long beatAt = System.nanoTime();

    NodeSession(
            Peer.Node peer,
            Machine machine,
            long epoch,
            HubConfig config,
            NodeConnection connection,
            SliceSender slice,
            ReportWriter reports,
            LaneReceiver lanes,
            Heartbeats heartbeats,
            NodeRegistry registry) {
        this.node = peer.name();
        this.machine = machine;
        this.trust = new SessionTrust(peer, registry, connection);
        this.epoch = epoch;
        this.config = config;
        this.connection = connection;
        this.slice = slice;
        this.reports = reports;
        this.lanes = lanes;
        this.heartbeats = heartbeats;
    }

    String node() {
        return node;
    }

    long epoch() {
        return epoch;
    }

    Machine machine() {
        return machine;
    }

    SessionTrust trust() {
        return trust;
    }

    NodeConnection connection() {
        return connection;
    }

    /** Batches that came and are not stored yet. */
    int lanesWaiting() {
        return lanes.waiting();
    }

    /** Runs until the connection ends; always throws why. */
    void run(Hello hello) throws IOException, InterruptedException {
        connection.send(HubMessage.newBuilder().setWelcome(welcome()).build());
        LOG.info(
                "node {} is linked from {} (session {}, agent {}, {} objects held)",
                node,
                connection.address(),
                epoch,
                hello.getAgentVersion(),
                hello.getHeldCount());
        List<Thread> workers =
                List.of(worker("slice", slice::run), worker("reports", reports::run), worker("lanes", lanes::run));
        workers.forEach(Thread::start);
        try {
            trust.begin(hello);
            while (true) {
                handle(connection.receive(config.times().idle()));
            }
        } catch (IOException e) {
            connection.end(e);
            IOException first = failure.get();
            throw first == null ? e : first;
        } finally {
            end(workers);
        }
    }

    /** What is being written is written to its end: a thread that is interrupted in the middle would tear its connection out of the store's pool. */
    private void end(List<Thread> workers) throws InterruptedException {
        slice.close();
        reports.close();
        lanes.close();
        long deadline = System.nanoTime() + WRITTEN.toNanos();
        for (Thread worker : workers) {
            worker.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
        }
        for (Thread worker : workers) {
            worker.interrupt();
            worker.join(END);
        }
    }

    private Welcome welcome() {
        return Welcome.newBuilder()
                .setEpoch(epoch)
                .setHubTimeMillis(Instant.now().toEpochMilli())
                .setHeartbeatMillis(millis(config.times().heartbeat()))
                .setSilenceMillis(millis(config.times().silence()))
                .setReportWindow(ReportWriter.WINDOW)
                .setLaneWindow(LaneReceiver.WINDOW)
                .addAllLanes(lanes.cursors())
                .build();
    }

    private static int millis(Duration duration) {
        return Math.toIntExact(duration.toMillis());
    }

    private void handle(NodeMessage message) throws IOException, InterruptedException {
        heartbeats.heard(node, epoch);
        beat();
        switch (message.getMessageCase()) {
            case HEARTBEAT -> {}
            case STORED -> slice.stored(message.getStored().getSequence());
            case REPORTS -> reports.accept(message.getReports());
            case LANE_BATCH -> lanes.accept(message.getLaneBatch());
            case TRUST_STORED -> trust.stored(message.getTrustStored());
            case HELLO,
                    ENROLL,
                    RENEW_BEGIN,
                    RENEW_PROOF,
                    STREAM_OPEN,
                    STREAM_DATA,
                    STREAM_END,
                    INPUT_TAKEN,
                    MESSAGE_NOT_SET ->
                throw PeerException.caught(Offence.PROTOCOL, message.getMessageCase() + " in the middle of a session");
        }
    }

    private void beat() throws IOException, InterruptedException {
        if (System.nanoTime() - beatAt >= config.times().beat().toNanos()) {
            beatAt = System.nanoTime();
            connection.send(HubMessage.newBuilder()
                    .setBeat(Beat.newBuilder().setHubTimeMillis(Instant.now().toEpochMilli()))
                    .build());
        }
    }

    /** Nothing of it is under way any more. */
    void ended() {
        ended.countDown();
        companions.forEach(Runnable::run);
    }

    /** Runs {@code companion} when the session ends, at once if it has; until {@link #without}. */
    void with(Runnable companion) {
        companions.add(companion);
        if (ended.getCount() == 0) {
            companion.run();
        }
    }

    void without(Runnable companion) {
        companions.remove(companion);
    }

    /** Waits until a session that was told to end has ended, so that none of its writes comes after the next session's. */
    void awaitEnd() throws InterruptedException {
        if (!ended.await(END.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("session {} of node {} takes more than {} s to end", epoch, node, END.toSeconds());
        }
    }

    void sliceChanged() {
        slice.changed();
    }

    void trustChanged() {
        worker("trust", trust::send).start();
    }

    void request(StreamRequest stream) throws IOException, InterruptedException {
        connection.send(HubMessage.newBuilder().setStreamRequest(stream).build());
    }

    /** Ends the session; it can do nothing from now on. */
    void end(String reason) {
        connection.end(PeerException.close(reason));
    }

    private Thread worker(String name, Work work) {
        return Thread.ofVirtual().name("hub-" + node + "-" + name).unstarted(() -> {
            try {
                work.run();
            } catch (IOException e) {
                fail(e);
            } catch (RuntimeException e) {
                LOG.error("{} of node {} failed", name, node, e);
                fail(PeerException.close(name + " failed: " + e));
            } catch (InterruptedException e) {
                // The session is ending.
            }
        });
    }

    private void fail(IOException e) {
        failure.compareAndSet(null, e);
        connection.end(e instanceof PeerException peer && peer.refusal() ? PeerException.close(peer.text()) : e);
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }
}
