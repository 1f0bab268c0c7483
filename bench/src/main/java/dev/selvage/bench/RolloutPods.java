package dev.selvage.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What a watch tells of the pods of namespace {@code bench}: who can be asked now, and how long each step took. */
final class RolloutPods implements AutoCloseable {
    private final Api api;
    private final Stream<String> watch;
    private final Map<String, Long> created = new ConcurrentHashMap<>();
    private final Map<String, Long> told = new ConcurrentHashMap<>();
    private final AtomicInteger gone = new AtomicInteger();
    private final AtomicLong steps = new AtomicLong();
    private volatile Samples starts = new Samples();
    private volatile Samples ends = new Samples();
    private volatile List<String> ready = List.of();

    private RolloutPods(Api api, Stream<String> watch) {
        this.api = api;
        this.watch = watch;
    }

    static RolloutPods follow(Api api, String revision) throws IOException {
        RolloutPods pods =
                new RolloutPods(api, api.watch("/api/v1/namespaces/bench/pods?watch=true&resourceVersion=" + revision));
        Thread.ofVirtual().start(pods::follow);
        return pods;
    }

    /** Uids of the pods that are ready and not told to end: what a load balancer's endpoints would be. */
    List<String> ready() {
        return ready;
    }

    /** What the watch has told of a pod until now, and what the API tells, for people. */
    String fate(String uid) {
        Long since = told.get(uid);
        String seen = since != null
                ? "told to end " + (System.nanoTime() - since) / 1_000_000 + " ms ago"
                : ready.contains(uid) ? "ready" : "gone or not ready";
        try {
            for (JsonNode pod : api.get("/api/v1/namespaces/bench/pods").path("items")) {
                if (Json.textAt(pod, "metadata", "uid").equals(uid)) {
                    return seen + " by the watch; at " + Instant.now() + " it is to end by \""
                            + Json.textAt(pod, "metadata", "deletionTimestamp") + "\", its containers are "
                            + pod.path("status").path("containerStatuses");
                }
            }
            return seen + " by the watch, and gone";
        } catch (IOException e) {
            return seen + " by the watch; " + e.getMessage();
        }
    }

    /** Begins to count anew. */
    void forget() {
        gone.set(0);
        steps.set(0);
        starts = new Samples();
        ends = new Samples();
    }

    int gone() {
        return gone.get();
    }

    /** Seconds that all pods together took to become ready and to go. */
    double steps() {
        return steps.get() / 1e9;
    }

    Samples starts() {
        return starts;
    }

    Samples ends() {
        return ends;
    }

    private void follow() {
        try {
            watch.forEach(line -> {
                ObjectNode event = Json.parseObject(line);
                see(Json.textAt(event, "type"), event.path("object"), System.nanoTime());
            });
        } catch (RuntimeException closed) {
            // the end of the bench, or of the centre: who waits for a pod says so
        }
    }

    private void see(String type, JsonNode pod, long now) {
        String uid = Json.textAt(pod, "metadata", "uid");
        if (type.equals("DELETED")) {
            ready(uid, false);
            Long since = told.remove(uid);
            if (since != null) {
                ends.add(now - since);
                steps.addAndGet(now - since);
                gone.incrementAndGet();
            }
            return;
        }
        created.putIfAbsent(uid, now);
        boolean ending = !Json.textAt(pod, "metadata", "deletionTimestamp").isEmpty();
        if (ending) {
            told.putIfAbsent(uid, now);
        }
        boolean isReady = !ending && isReady(pod);
        if (isReady && ready(uid, true)) {
            long took = now - created.getOrDefault(uid, now);
            starts.add(took);
            steps.addAndGet(took);
        } else if (!isReady) {
            ready(uid, false);
        }
    }

    private static boolean isReady(JsonNode pod) {
        for (JsonNode condition : pod.path("status").path("conditions")) {
            if (Json.textAt(condition, "type").equals("Ready")) {
                return Json.textAt(condition, "status").equals("True");
            }
        }
        return false;
    }

    /** Returns whether that changed anything. Called by the watch's thread only. */
    private boolean ready(String uid, boolean is) {
        List<String> before = ready;
        if (before.contains(uid) == is) {
            return false;
        }
        ready = is
                ? Stream.concat(before.stream(), Stream.of(uid)).toList()
                : before.stream().filter(other -> !other.equals(uid)).toList();
        return true;
    }

    @Override
    public void close() {
        watch.close();
    }
}
