package dev.selvage.hub;

import dev.selvage.link.ExecQuery;
import dev.selvage.link.LogQuery;
import dev.selvage.link.StreamRequest;
import dev.selvage.model.Metrics;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Interactive streams: the hub asks over the control connection, the node opens a connection for the answer. */
public final class NodeStreams {
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Sessions sessions;
    private final Resources resources;
    private final int maxPerNode;
    private final ConcurrentMap<String, Expected> expected = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Semaphore> free = new ConcurrentHashMap<>();

    /** A stream that was asked for: only this session of this node may open it, once. */
    record Expected(String node, long epoch, CompletableFuture<NodeConnection> connection) {}

    NodeStreams(Sessions sessions, Resources resources, int maxPerNode) {
        this.sessions = sessions;
        this.resources = resources;
        this.maxPerNode = maxPerNode;
    }

    /**
     * Opens a pod's log. The stream ends with the log, or with the container if it is followed; reading fails with the node's words when it cannot give it. The
     * caller closes it, from any thread.
     *
     * @throws NodeNotLinkedException when the node is not linked, does not answer in 10 s, or has its limit of streams
     */
    public InputStream open(String node, ObjectKey pod, LogOptions options) throws NodeNotLinkedException {
        LogQuery query = query(pod, options);
        Opened opened = open(node, StreamRequest.newBuilder().setLogs(query));
        return new StreamInput(opened.connection(), opened.permits()::release);
    }

    /**
     * Starts a command in a pod's container. It ends with the node's session, too. The caller closes it, from any thread, which ends the command.
     *
     * @throws NodeNotLinkedException when the node is not linked, does not answer in 10 s, or has its limit of streams
     */
    public NodeCommand exec(String node, ObjectKey pod, CommandOptions options) throws NodeNotLinkedException {
        Opened opened = open(
                node,
                StreamRequest.newBuilder()
                        .setExec(ExecQuery.newBuilder()
                                .setNamespace(pod.namespace())
                                .setPod(pod.name())
                                .setUid(uid(pod))
                                .setContainer(options.container())
                                .addAllCommand(options.command())
                                .setTty(options.tty())
                                .setStdin(options.stdin())));
        return new NodeCommand(opened.connection(), opened.session(), opened.permits()::release);
    }

    /** @throws NodeNotLinkedException when the node has no session now */
    public void check(String node) throws NodeNotLinkedException {
        session(node);
    }

    private NodeSession session(String node) throws NodeNotLinkedException {
        return sessions.of(node)
                .orElseThrow(() -> new NodeNotLinkedException("node \"" + node + "\" is not linked to the centre"));
    }

    private record Opened(NodeSession session, NodeConnection connection, Semaphore permits) {}

    private Opened open(String node, StreamRequest.Builder request) throws NodeNotLinkedException {
        NodeSession session = session(node);
        Semaphore permits = free.computeIfAbsent(node, n -> new Semaphore(maxPerNode));
        if (!permits.tryAcquire()) {
            throw new NodeNotLinkedException(
                    "node \"" + node + "\" serves its limit of " + maxPerNode + " streams already");
        }
        String id = HexFormat.of().formatHex(random());
        var awaited = new Expected(node, session.epoch(), new CompletableFuture<>());
        try {
            expected.put(id, awaited);
            session.request(request.setId(id).build());
            NodeConnection connection = awaited.connection().get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
            return new Opened(session, connection, permits);
        } catch (IOException | ExecutionException | TimeoutException e) {
            abandon(awaited);
            permits.release();
            throw new NodeNotLinkedException("node \"" + node + "\" does not answer");
        } catch (InterruptedException e) {
            abandon(awaited);
            permits.release();
            Thread.currentThread().interrupt();
            throw new NodeNotLinkedException("interrupted while node \"" + node + "\" was asked");
        } finally {
            expected.remove(id);
        }
    }

    void measure(Metrics into) {
        int least = free.values().stream()
                .mapToInt(Semaphore::availablePermits)
                .min()
                .orElse(maxPerNode);
        into.limit("hub_node_streams", maxPerNode - least, maxPerNode);
    }

    /** A node that answers at the very end of the wait must not be left with a connection that nobody reads. */
    private static void abandon(Expected awaited) {
        if (!awaited.connection().cancel(false) && awaited.connection().state() == Future.State.SUCCESS) {
            awaited.connection().resultNow().close();
        }
    }

    /** Takes the expectation that the node's StreamOpen meets; empty when there is none. */
    Optional<Expected> claim(String id, String node, long epoch) {
        return Optional.ofNullable(expected.get(id))
                .filter(awaited -> awaited.node().equals(node) && awaited.epoch() == epoch)
                .filter(awaited -> expected.remove(id, awaited));
    }

    private String uid(ObjectKey pod) {
        return resources.get(pod).map(Stored::uid).orElse("");
    }

    private LogQuery query(ObjectKey pod, LogOptions options) {
        var query = LogQuery.newBuilder()
                .setNamespace(pod.namespace())
                .setPod(pod.name())
                .setUid(uid(pod))
                .setContainer(options.container())
                .setFollow(options.follow())
                .setPrevious(options.previous())
                .setTimestamps(options.timestamps());
        if (options.tailLines() != null) {
            query.setTailLines(options.tailLines());
        }
        if (options.since() != null) {
            query.setSinceMillis(options.since().toMillis());
        }
        if (options.limitBytes() != null) {
            query.setLimitBytes(options.limitBytes());
        }
        return query.build();
    }

    private static byte[] random() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
