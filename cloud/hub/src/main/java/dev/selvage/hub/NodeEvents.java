package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.link.Event;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Events about a node and its objects, as they are stored: equal ones are one with a count. */
final class NodeEvents {
    private static final Logger LOG = LoggerFactory.getLogger(NodeEvents.class);
    private static final long LATEST = Instant.parse("9999-12-31T23:59:59Z").toEpochMilli();
    private static final int MAX_MESSAGE = 1024;
    private static final int MAX_REASON = 128;
    private static final int MAX_NAME = 200;

    private NodeEvents() {}

    /** @param component who saw it, on or for {@code node} */
    static void store(Resources resources, String component, String node, ObjectNode about, Event event) {
        ObjectNode object = event(component, node, about, event);
        Outcome outcome = resources.create(object);
        if (outcome instanceof Outcome.AlreadyExists) {
            resources.mutate(ObjectKey.of(object), present -> {
                present.put("count", present.path("count").asLong(1) + Math.max(1, event.getCount()));
                present.put("lastTimestamp", object.path("lastTimestamp").asText());
                return present;
            });
        } else if (outcome instanceof Outcome.Invalid(String message)) {
            LOG.warn("event of node {} about {} was not stored: {}", node, Meta.name(about), message);
        }
    }

    /** What the hub has to say about a Node; nothing if there is no such object. */
    static void tell(Resources resources, String node, boolean warning, String reason, String message) {
        resources
                .get(ObjectKey.cluster(Kinds.NODE, node))
                .ifPresent(about -> store(
                        resources,
                        "selvage-hub",
                        node,
                        about.parse(),
                        Event.newBuilder()
                                .setWarning(warning)
                                .setReason(reason)
                                .setMessage(message)
                                .setAtMillis(Instant.now().toEpochMilli())
                                .setCount(1)
                                .build()));
    }

    private static ObjectNode event(String component, String node, ObjectNode about, Event event) {
        Kind kind = Kinds.EVENT;
        String namespace = Meta.namespace(about).isEmpty() ? "default" : Meta.namespace(about);
        String reason = cut(event.getReason(), MAX_REASON);
        String message = cut(event.getMessage(), MAX_MESSAGE);
        String at = time(event.getAtMillis());
        ObjectNode object = Json.object().put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        Meta.of(object)
                .put(
                        "name",
                        cut(Meta.name(about), MAX_NAME) + "."
                                + hash(Meta.uid(about), reason, message, String.valueOf(event.getWarning()), node))
                .put("namespace", namespace);
        object.putObject("involvedObject")
                .put("apiVersion", about.path("apiVersion").asText())
                .put("kind", about.path("kind").asText())
                .put("namespace", Meta.namespace(about))
                .put("name", Meta.name(about))
                .put("uid", Meta.uid(about));
        object.put("type", event.getWarning() ? "Warning" : "Normal");
        object.put("reason", reason);
        object.put("message", message);
        object.put("firstTimestamp", at);
        object.put("lastTimestamp", at);
        object.put("count", Math.max(1, event.getCount()));
        object.putObject("source").put("component", component).put("host", node);
        object.put("reportingComponent", component);
        object.put("reportingInstance", node);
        return object;
    }

    /** As RFC 3339 has it, years 0 to 9999: one Event with another would make every client refuse the whole list. Else the centre's own. */
    private static String time(long millis) {
        boolean told = millis >= 0 && millis < LATEST;
        return (told ? Instant.ofEpochMilli(millis) : Instant.now())
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }

    private static String hash(String... parts) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\0", parts).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
