package dev.selvage.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The node's status for a terminal. */
final class StatusPage {
    private final ObjectNode status;
    private final Instant now;

    StatusPage(ObjectNode status, Instant now) {
        this.status = status;
        this.now = now;
    }

    String text() {
        return String.join("\n", sections());
    }

    private List<String> sections() {
        List<String> sections = new ArrayList<>();
        sections.add(head());
        add(sections, "PODS", pods());
        add(sections, "DEVICES", devices());
        add(sections, "STREAMS", streams());
        add(sections, "LANES", lanes());
        String troubles = troubles();
        if (!troubles.isEmpty()) {
            sections.add(troubles);
        }
        return sections;
    }

    private static void add(List<String> sections, String title, Table table) {
        sections.add(table.isEmpty() ? title + "\nnone\n" : table.text());
    }

    private String head() {
        JsonNode metrics = status.path("metrics");
        String link = status.path("linked").asBoolean()
                ? "linked to " + Json.textAt(status, "link", "hub") + " for "
                        + since(Json.textAt(status, "link", "since"))
                : "working alone for " + since(Json.textAt(status, "link", "since")) + ": "
                        + Json.textAt(status, "link", "message");
        return "node     " + Json.textAt(status, "node") + "   agent " + Json.textAt(status, "version") + "   health "
                + Json.textAt(status, "health", "status") + "\n"
                + "link     " + link + "\n"
                + "machine  cpu " + percent(metrics, "cpu_percent") + "   memory " + percent(metrics, "memory_percent")
                + "   disk " + percent(metrics, "disk_percent") + temperature(metrics) + "   agent "
                + StatusCommand.bytes(metrics.path("agent_memory_bytes").asDouble()) + "\n";
    }

    private String since(String timestamp) {
        return Timestamps.parse(timestamp)
                .map(t -> StatusCommand.age(Duration.between(t, now)))
                .orElse("?");
    }

    private static String percent(JsonNode metrics, String name) {
        return metrics.has(name) ? Math.round(metrics.path(name).asDouble()) + " %" : "-";
    }

    private static String temperature(JsonNode metrics) {
        String name = "temperature_celsius";
        return metrics.has(name) ? "   " + Math.round(metrics.path(name).asDouble()) + " °C" : "";
    }

    private Table pods() {
        Table table = new Table("PODS", "NAME", "PHASE", "READY", "RESTARTS", "PIDS");
        for (JsonNode pod : status.path("pods")) {
            int restarts = 0;
            List<String> pids = new ArrayList<>();
            for (JsonNode container : pod.path("containers")) {
                restarts += container.path("restarts").asInt();
                if (container.path("pid").asLong() > 0) {
                    pids.add(container.path("pid").asText());
                }
            }
            String reason = Json.textAt(pod, "reason");
            table.row(
                    Json.textAt(pod, "namespace"),
                    Json.textAt(pod, "name"),
                    Json.textAt(pod, "phase") + (reason.isEmpty() ? "" : " (" + reason + ")"),
                    pod.path("ready").asBoolean() ? "yes" : "no",
                    Integer.toString(restarts),
                    pids.isEmpty() ? "-" : String.join(" ", pids));
        }
        return table;
    }

    private Table devices() {
        Table table = new Table("DEVICES", "NAME", "MODEL", "CONNECTED", "VALUES");
        for (JsonNode device : status.path("devices")) {
            boolean connected = device.path("connected").asBoolean();
            table.row(
                    Json.textAt(device, "namespace"),
                    Json.textAt(device, "name"),
                    Json.textAt(device, "model"),
                    connected ? "yes" : "no: " + Json.textAt(device, "reason"),
                    values(device.path("properties")));
        }
        return table;
    }

    private static String values(JsonNode properties) {
        List<String> values = new ArrayList<>();
        properties.properties().forEach(property -> {
            JsonNode value = property.getValue().path("value");
            String quality = Json.textAt(property.getValue(), "quality");
            values.add(property.getKey() + " " + shown(value) + unit(property.getValue())
                    + (quality.equals("Good") ? "" : " (" + quality + ")"));
        });
        return String.join(", ", values);
    }

    private static String shown(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "?";
        }
        return value.isFloatingPointNumber() ? String.format(Locale.ROOT, "%.2f", value.asDouble()) : value.asText();
    }

    private static String unit(JsonNode property) {
        String unit = Json.textAt(property, "unit");
        return unit.isEmpty() ? "" : " " + (unit.equals("Cel") ? "°C" : unit);
    }

    private Table streams() {
        Table table = new Table("STREAMS", "NAME", "STATE", "READINGS", "ROWS", "WRITES", "LATE", "DROPPED");
        for (JsonNode stream : status.path("streams")) {
            String message = Json.textAt(stream, "message");
            table.row(
                    Json.textAt(stream, "namespace"),
                    Json.textAt(stream, "name"),
                    Json.textAt(stream, "state") + (message.isEmpty() ? "" : " (" + message + ")"),
                    Json.textAt(stream, "readings"),
                    Json.textAt(stream, "rows"),
                    Json.textAt(stream, "writes"),
                    Json.textAt(stream, "late"),
                    Json.textAt(stream, "dropped"));
        }
        return table;
    }

    private Table lanes() {
        Table table = new Table("LANES", "WAITING", "ON DISK", "DROPPED");
        status.path("lanes").properties().forEach(lane -> {
            List<String> dropped = new ArrayList<>();
            lane.getValue()
                    .path("dropped")
                    .properties()
                    .forEach(d ->
                            dropped.add(d.getValue().asText() + " " + d.getKey().replace('_', ' ')));
            table.row(
                    lane.getKey(),
                    Json.textAt(lane.getValue(), "waiting"),
                    StatusCommand.bytes(lane.getValue().path("bytes").asDouble()),
                    dropped.isEmpty() ? "none" : String.join(", ", dropped));
        });
        return table;
    }

    private String troubles() {
        StringBuilder troubles = new StringBuilder();
        status.path("health").path("parts").properties().forEach(part -> {
            if (!part.getValue().path("working").asBoolean()) {
                troubles.append("! ")
                        .append(part.getKey())
                        .append(" does not work, tried ")
                        .append(Json.textAt(part.getValue(), "failures"))
                        .append(" times: ")
                        .append(Json.textAt(part.getValue(), "message"))
                        .append('\n');
            }
        });
        status.path("health")
                .path("notes")
                .forEach(note -> troubles.append("! ").append(note.asText()).append('\n'));
        return troubles.toString();
    }
}
