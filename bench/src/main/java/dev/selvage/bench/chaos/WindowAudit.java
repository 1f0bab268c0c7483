package dev.selvage.bench.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.selvage.bench.Api;
import dev.selvage.bench.chaos.PlantDiary.Entry;
import dev.selvage.model.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * That each answer of the plant is in exactly one window of each Stream over its device; one that is in none must have come shortly before the agent or the plant
 * died, its window must be partial, and where the window is missing altogether a gap must say so.
 */
final class WindowAudit {
    private static final String TELEMETRY =
            "/apis/telemetry.selvage.dev/v1alpha1/namespaces/" + ChaosSite.NAMESPACE + "/range?limit=100000";
    /** From the plant's line in its log to the agent's time stamp, on a busy machine; and its last checkpoint's age. */
    private static final long PATIENCE = 4_000;
    /** A gap that begins before the end of the kills may end after it. */
    private static final long AFTER = 120_000;

    /** A window as telemetry has it: how many answers, from which to which. */
    record Row(long start, long end, boolean partial, long n, long lo, long hi) {}

    private final Api api;
    private final PlantDiary plant;
    private final Killer killer;
    private final Violations violations;
    private final long from;
    private final long to;
    private List<Outage> gaps = List.of();
    private long windows;
    private long partial;
    private long missing;
    private long lost;
    private long answers;

    /** @param from when all ran for the first time; windows before are not looked at, nor those that end after {@code to} */
    WindowAudit(Api api, PlantDiary plant, Killer killer, Violations violations, long from, long to) {
        this.api = api;
        this.plant = plant;
        this.killer = killer;
        this.violations = violations;
        this.from = from;
        this.to = to;
    }

    void check() throws IOException {
        gaps = gaps();
        for (int stream = 0; stream < ChaosSite.STREAMS; stream++) {
            Map<String, SortedMap<Long, Row>> rows = rows(stream);
            for (int device = 0; device < ChaosSite.DEVICES; device++) {
                if (ChaosSite.reads(stream, device)) {
                    check(stream, device, rows.getOrDefault(ChaosSite.device(device), new TreeMap<>()));
                }
            }
        }
    }

    private void check(int stream, int device, SortedMap<Long, Row> rows) {
        String name = ChaosSite.stream(stream) + " of " + ChaosSite.device(device);
        long size = ChaosSite.windowMillis(stream);
        NavigableMap<Long, Entry> all = new TreeMap<>();
        plant.answers(ChaosSite.unit(device)).forEach(answer -> all.put(answer.value(), answer));
        NavigableMap<Long, Entry> open = new TreeMap<>(all);
        for (Row row : rows.values()) {
            windows++;
            partial += row.partial ? 1 : 0;
            NavigableMap<Long, Entry> inside = new TreeMap<>(open.subMap(row.lo, true, row.hi, true));
            if (row.n > inside.size() || !inside.containsKey(row.lo) || !inside.containsKey(row.hi)) {
                violations.add("%s: %s has answers that the plant did not give, or that another window has: %s"
                        .formatted(name, row, inside.values()));
            }
            long gone = inside.size() - row.n;
            if (gone > 0) {
                lost += gone;
                long excused = inside.values().stream()
                        .filter(answer -> excused(answer, all))
                        .count();
                if (excused < gone || (!row.partial && !onlyPlant(row))) {
                    violations.add("%s: %s lacks %d of %s".formatted(name, row, gone, inside.values()));
                }
            }
            if (!row.partial
                    && killer.outages("agent").stream().anyMatch(o -> o.killed() > row.start && o.killed() < row.end)) {
                violations.add("%s: %s is whole though the agent died in it".formatted(name, row));
            }
            if (row.partial && !cut(row)) {
                violations.add("%s: %s is partial though nothing cut it".formatted(name, row));
            }
            open.keySet().removeAll(inside.keySet());
        }
        for (Entry answer : open.values()) {
            if (answer.at() > from && Math.floorDiv(answer.at() + PATIENCE, size) * size + size <= to) {
                lost(name, answer, all, size, rows);
            }
        }
        answers += all.size();
    }

    /** An answer in no window. */
    private void lost(String name, Entry answer, NavigableMap<Long, Entry> all, long size, SortedMap<Long, Row> rows) {
        lost++;
        if (!excused(answer, all)) {
            violations.add("%s: %s is in no window, and nothing died then; near it: %s"
                    .formatted(name, answer, killer.near(answer.at())));
            return;
        }
        long start = Math.floorDiv(answer.at(), size) * size;
        Row row = rows.get(start + size);
        if (row == null) {
            missing++;
            if (agentDied(answer.at()) && gaps.stream().noneMatch(gap -> gap.touches(start, start + size + PATIENCE))) {
                violations.add("%s: the window %d to %d is missing, and no gap tells of it; the gaps: %s"
                        .formatted(name, start, start + size, gaps));
            }
        }
    }

    private boolean excused(Entry answer, NavigableMap<Long, Entry> all) {
        return agentDied(answer.at()) || plantDied(answer.at(), answer.at()) || firstOfAPlant(answer, all);
    }

    /** On a busy machine a plant's first answer to each device may come when the agent has given up waiting for it. */
    private boolean firstOfAPlant(Entry answer, NavigableMap<Long, Entry> all) {
        Map.Entry<Long, Entry> before = all.lowerEntry(answer.value());
        return killer.outages("plant").stream()
                .anyMatch(o -> answer.at() > o.killed()
                        && answer.at() < o.back() + PATIENCE
                        && (before == null || before.getValue().at() <= o.killed()));
    }

    private boolean agentDied(long time) {
        return killer.outages("agent").stream().anyMatch(o -> o.touches(time, time + PATIENCE));
    }

    /** An answer may be given and never arrive when the plant dies. */
    private boolean plantDied(long first, long last) {
        return killer.outages("plant").stream().anyMatch(o -> o.killed() >= first && o.killed() < last + PATIENCE);
    }

    private boolean onlyPlant(Row row) {
        return plantDied(row.start, row.end);
    }

    private boolean cut(Row row) {
        return row.start < from
                || killer.outages("agent").stream().anyMatch(o -> o.touches(row.start - PATIENCE, row.end + PATIENCE))
                || gaps.stream().anyMatch(gap -> gap.touches(row.start, row.end));
    }

    private Map<String, SortedMap<Long, Row>> rows(int stream) throws IOException {
        Map<String, TreeMap<Long, Map<String, JsonNode>>> fields = new HashMap<>();
        for (JsonNode point : range("stream/" + ChaosSite.stream(stream), to)) {
            Map<String, JsonNode> row = fields.computeIfAbsent(Json.textAt(point, "key"), k -> new TreeMap<>())
                    .computeIfAbsent(millis(point, "end"), e -> new HashMap<>());
            if (row.put(Json.textAt(point, "field"), point) != null) {
                violations.add("doubled in telemetry: " + point);
            }
        }
        Map<String, SortedMap<Long, Row>> rows = new HashMap<>();
        fields.forEach((key, byEnd) -> byEnd.forEach((end, row) -> {
            if (row.size() == 3) {
                rows.computeIfAbsent(key, k -> new TreeMap<>()).put(end, row(row));
            } else {
                violations.add("half a row: " + row);
            }
        }));
        return rows;
    }

    private static Row row(Map<String, JsonNode> fields) {
        JsonNode any = fields.getOrDefault("n", MissingNode.getInstance());
        return new Row(
                millis(any, "start"),
                millis(any, "end"),
                any.path("partial").asBoolean(),
                any.path("value").asLong(),
                value(fields, "lo"),
                value(fields, "hi"));
    }

    private static long value(Map<String, JsonNode> fields, String field) {
        return fields.getOrDefault(field, MissingNode.getInstance())
                .path("value")
                .asLong();
    }

    private List<Outage> gaps() throws IOException {
        List<Outage> found = new ArrayList<>();
        for (JsonNode point : range("node", to + AFTER)) {
            found.add(new Outage("gap", millis(point, "start"), millis(point, "start"), millis(point, "end")));
        }
        return found;
    }

    private JsonNode range(String source, long until) throws IOException {
        JsonNode answer = api.get(TELEMETRY + "&source=" + source + "&from=" + (from - 60_000) + "&to=" + until);
        if (answer.path("truncated").asBoolean()) {
            throw new IOException("more points than one answer takes: " + source);
        }
        return answer.path("points");
    }

    static long millis(JsonNode point, String field) {
        JsonNode time = point.path(field);
        return time.isNumber()
                ? time.asLong()
                : java.time.Instant.parse(time.asText()).toEpochMilli();
    }

    long windows() {
        return windows;
    }

    long partial() {
        return partial;
    }

    long missing() {
        return missing;
    }

    long lost() {
        return lost;
    }

    long answers() {
        return answers;
    }

    int gapCount() {
        return gaps.size();
    }
}
