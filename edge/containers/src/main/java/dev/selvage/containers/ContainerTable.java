package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.workloads.Observation;
import dev.selvage.workloads.RunId;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is known of our containers, so that looking at one costs no call. Filled by {@link EngineWatch} and by whoever
 * starts or removes one. A container never runs twice, so its state only goes forward, and news that come late change nothing.
 */
final class ContainerTable {
    private final Map<RunId, Entry> entries = new ConcurrentHashMap<>();
    private volatile boolean known;

    /**
     * @param address in the pod network, of sandboxes that have one
     * @param learned {@link System#nanoTime} of the look
     */
    record Entry(String id, Observation observation, Optional<String> address, long learned) {
        private int rank() {
            return switch (observation) {
                case Observation.Exited exited -> 2;
                case Observation.Running running -> 1;
                case Observation.Absent absent -> 0;
                case Observation.Unknown unknown -> 0;
            };
        }
    }

    /** Whether all containers have been listed once: before that, one that is not here may exist. */
    boolean known() {
        return known;
    }

    Optional<Entry> find(RunId run) {
        return Optional.ofNullable(entries.get(run));
    }

    List<RunId> runs(String podUid) {
        return entries.keySet().stream()
                .filter(r -> r.podUid().equals(podUid) && !Names.isSandbox(r))
                .toList();
    }

    /** True when the run's state is another than before. */
    boolean put(RunId run, Entry entry) {
        boolean[] changed = new boolean[1];
        entries.compute(run, (key, old) -> {
            if (old != null && old.id().equals(entry.id())) {
                changed[0] = entry.rank() > old.rank();
                return old.rank() > entry.rank() ? old : entry;
            }
            changed[0] = entry.rank() > 0;
            return entry;
        });
        return changed[0];
    }

    /** An inspected container. */
    boolean put(RunId run, JsonNode inspected) {
        return put(run, entry(inspected));
    }

    void remove(RunId run) {
        entries.remove(run);
    }

    /** Forgets what a listing that began at {@code since} did not show. Returns the runs forgotten. */
    List<RunId> listed(Set<RunId> seen, long since) {
        List<RunId> lost = entries.entrySet().stream()
                .filter(e -> !seen.contains(e.getKey()) && e.getValue().learned() - since < 0)
                .map(Map.Entry::getKey)
                .toList();
        lost.forEach(entries::remove);
        known = true;
        return lost;
    }

    /** What the answer of {@code GET /containers/ID/json} says. */
    static Entry entry(JsonNode inspected) {
        String address = inspected.path("NetworkSettings").path("IPAddress").asText("");
        if (address.isEmpty()) {
            for (JsonNode network : inspected.path("NetworkSettings").path("Networks")) {
                address = address.isEmpty() ? network.path("IPAddress").asText("") : address;
            }
        }
        return new Entry(
                inspected.path("Id").asText(),
                observation(inspected),
                address.isEmpty() ? Optional.empty() : Optional.of(address),
                System.nanoTime());
    }

    private static Observation observation(JsonNode inspected) {
        JsonNode state = inspected.path("State");
        Instant created = time(inspected.path("Created")).orElse(Instant.EPOCH);
        Instant started = time(state.path("StartedAt")).orElse(created);
        int code = state.path("ExitCode").asInt();
        return switch (state.path("Status").asText()) {
            case "created" -> {
                String error = state.path("Error").asText("");
                yield StartErrors.isBadCommand(error)
                        ? new Observation.Exited(
                                StartErrors.CODE, "StartError", StartErrors.shorten(error), created, created)
                        : new Observation.Absent();
            }
            case "exited", "dead", "stopped" ->
                new Observation.Exited(
                        code,
                        reason(state, code),
                        StartErrors.shorten(state.path("Error").asText("")),
                        started,
                        time(state.path("FinishedAt")).orElse(started));
            default -> new Observation.Running(state.path("Pid").asLong(), started);
        };
    }

    /** The kernel may have killed a child only: a container that ended well ended well. */
    private static String reason(JsonNode state, int code) {
        if (code == 0) {
            return "Completed";
        }
        return state.path("OOMKilled").asBoolean() ? "OOMKilled" : "Error";
    }

    private static Optional<Instant> time(JsonNode text) {
        try {
            Instant time = Instant.parse(text.asText(""));
            return time.isAfter(Instant.EPOCH)
                    ? Optional.of(time)
                    : Optional.empty(); // the engine's zero is the year 1
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
