package dev.selvage.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.files.CheckedFile;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Outcomes of the centre's writes, on disk, so that a restart neither repeats nor loses one. One small file, replaced
 * atomically and synced for each outcome: such writes are rare, a person or a program at the centre makes each. Entries of
 * devices that are gone are dropped once they have expired.
 */
final class WriteMemory {
    private static final System.Logger LOG = System.getLogger(WriteMemory.class.getName());

    /** An executed identity, {@code (value, validUntil)}, and what became of it. */
    record Entry(JsonNode value, String validUntil, WriteOutcome outcome, long atMillis) {}

    private final CheckedFile file;
    private final ObjectNode entries;

    private WriteMemory(CheckedFile file, ObjectNode entries) {
        this.file = file;
        this.entries = entries;
    }

    /**
     * @param damaged hears in words that the outcomes are lost
     */
    static WriteMemory open(Path directory, Consumer<String> damaged) throws IOException {
        Files.createDirectories(directory);
        CheckedFile file = new CheckedFile(directory.resolve("writes"), damaged);
        return new WriteMemory(file, file.read().map(Json::parseObject).orElseGet(Json::object));
    }

    synchronized Optional<Entry> find(String uid, String property) {
        JsonNode entry = entries.path(key(uid, property));
        String state = Json.textAt(entry, "state");
        for (WriteOutcome.State candidate : WriteOutcome.State.values()) {
            if (candidate.label().equals(state)) {
                return Optional.of(new Entry(
                        entry.path("value"),
                        Json.textAt(entry, "validUntil"),
                        new WriteOutcome(candidate, Json.textAt(entry, "message")),
                        entry.path("at").asLong()));
            }
        }
        return Optional.empty();
    }

    /** Remembers an outcome; what cannot be written to disk is at least held in memory and told in the log. */
    synchronized void remember(String uid, String property, Entry outcome) {
        entries.putObject(key(uid, property))
                .put("validUntil", outcome.validUntil())
                .put("state", outcome.outcome().state().label())
                .put("message", outcome.outcome().message())
                .put("at", outcome.atMillis())
                .set("value", outcome.value());
        save();
    }

    /** Drops what belongs to no device any more and is past its time. */
    synchronized void prune(Set<String> uids, long nowMillis) {
        boolean dropped = false;
        for (Iterator<Map.Entry<String, JsonNode>> all = entries.properties().iterator(); all.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = all.next();
            String uid = entry.getKey().substring(0, Math.max(0, entry.getKey().indexOf('/')));
            boolean over = validUntil(Json.textAt(entry.getValue(), "validUntil")) < nowMillis;
            if (over && !uids.contains(uid)) {
                all.remove();
                dropped = true;
            }
        }
        if (dropped) {
            save();
        }
    }

    private static long validUntil(String text) {
        return dev.selvage.model.Timestamps.parse(text).orElse(Instant.EPOCH).toEpochMilli();
    }

    private static String key(String uid, String property) {
        return uid + "/" + property;
    }

    private void save() {
        try {
            file.write(Json.bytes(entries));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot keep the outcomes of writes", e);
        }
    }
}
