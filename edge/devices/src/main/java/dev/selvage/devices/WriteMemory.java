package dev.selvage.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Outcomes of the centre's writes, on disk, so that a restart neither repeats nor loses one. One small file, replaced
 * atomically and synced for each outcome: such writes are rare, a person or a program at the centre makes each. Entries of
 * devices that are gone are dropped once they have expired.
 */
final class WriteMemory {
    private static final System.Logger LOG = System.getLogger(WriteMemory.class.getName());

    /** An executed identity, {@code (value, validUntil)}, and what became of it. */
    record Entry(JsonNode value, String validUntil, WriteOutcome outcome, long atMillis) {}

    private final Path file;
    private final ObjectNode entries;

    private WriteMemory(Path file, ObjectNode entries) {
        this.file = file;
        this.entries = entries;
    }

    static WriteMemory open(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve("writes.json");
        ObjectNode entries = Json.object();
        if (Files.exists(file)) {
            try {
                entries = Json.parseObject(Files.readAllBytes(file));
            } catch (JsonException e) {
                Path aside = directory.resolve("writes.json.broken");
                Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
                LOG.log(System.Logger.Level.WARNING, "set {0} aside, it cannot be read: {1}", aside, e.getMessage());
            }
        }
        return new WriteMemory(file, entries);
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
        Path next = file.resolveSibling("writes.json.next");
        try {
            try (FileChannel out = FileChannel.open(
                    next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(Json.bytes(entries));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent())) {
                directory.force(true);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot keep the outcomes of writes in " + file, e);
        }
    }
}
