package dev.selvage.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the agents of a fleet do to the pods that are bound to their nodes, by the image: {@code host:/succeeds} ends well,
 * {@code host:/fails} with exit code 1, {@code host:/sick} never becomes ready, all others run and are ready; a deleted pod goes.
 */
final class Fleet implements AutoCloseable {
    private final Centre centre;
    private final Set<String> idle = ConcurrentHashMap.newKeySet();
    private final Thread thread = Thread.ofVirtual().unstarted(this::run);

    Fleet(Centre centre) {
        this.centre = centre;
        thread.start();
    }

    /** The node carries out nothing any more: its pods stay as they are. */
    void idle(String node) {
        idle.add(node);
    }

    void act(String node) {
        idle.remove(node);
    }

    List<ObjectNode> all(Kind kind) {
        return centre.resources().list(Selection.all(kind)).stream()
                .map(Stored::parse)
                .toList();
    }

    List<ObjectNode> pods() {
        return all(Kinds.POD);
    }

    static String image(JsonNode pod) {
        return Json.textAt(pod.path("spec").path("containers").path(0), "image");
    }

    static String node(JsonNode pod) {
        return Json.textAt(pod, "spec", "nodeName");
    }

    static String phase(JsonNode pod) {
        return Json.textAt(pod, "status", "phase");
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void run() {
        try {
            while (true) {
                for (ObjectNode pod : pods()) {
                    if (!node(pod).isEmpty() && !idle.contains(node(pod))) {
                        act(pod);
                    }
                }
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void act(ObjectNode pod) {
        if (Meta.deleting(pod)) {
            if (Json.at(pod, "metadata", "deletionGracePeriodSeconds").asLong() > 0) {
                centre.resources().delete(ObjectKey.of(pod), DeleteOptions.now(Meta.uid(pod)));
            }
            return;
        }
        switch (image(pod)) {
            case "host:/succeeds" -> end(pod, "Succeeded", 0);
            case "host:/fails" -> end(pod, "Failed", 1);
            case "host:/sick" -> {}
            default -> ready(pod);
        }
    }

    /** Ends a pod as if its process had. */
    void end(ObjectNode pod, String phase, int exitCode) {
        if (phase(pod).equals(phase)) {
            return;
        }
        centre.resources().mutateStatus(ObjectKey.of(pod), object -> {
            ObjectNode copy = object.deepCopy();
            ObjectNode status = Json.child(copy, "status");
            status.put("phase", phase);
            status.putArray("containerStatuses")
                    .addObject()
                    .put("name", "c")
                    .putObject("state")
                    .putObject("terminated")
                    .put("exitCode", exitCode)
                    .put(
                            "finishedAt",
                            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
            return copy;
        });
    }

    private void ready(ObjectNode pod) {
        if (!unready(pod)) {
            return;
        }
        centre.resources().mutateStatus(ObjectKey.of(pod), object -> {
            if (!unready(object)) {
                return object;
            }
            ObjectNode copy = object.deepCopy();
            Json.child(copy, "status").put("phase", "Running");
            Conditions.set(copy, "Ready", "True", "", "", Instant.now());
            return copy;
        });
    }

    private static boolean unready(ObjectNode pod) {
        return !Conditions.status(pod, "Ready").equals("True")
                && !List.of("Succeeded", "Failed").contains(phase(pod));
    }
}
