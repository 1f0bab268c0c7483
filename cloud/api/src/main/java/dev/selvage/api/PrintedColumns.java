package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Column;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Labels;
import dev.selvage.model.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;

/** Columns of the built-in kinds after NAME (k8s.io/kubernetes/pkg/printers/internalversion). */
final class PrintedColumns {
    private PrintedColumns() {}

    static List<Tables.Cell> of(Kind kind) {
        return switch (kind.kind()) {
            case "Pod" ->
                List.of(
                        text("Ready", 0, PodColumns::ready),
                        text("Status", 0, PodColumns::status),
                        text("Restarts", 0, PodColumns::restarts),
                        age(),
                        text("IP", 1, o -> Json.textAt(o, "status", "podIP")),
                        text("Node", 1, o -> Json.textAt(o, "spec", "nodeName")),
                        text("Runtime", 1, o -> Json.textAt(o, "spec", "runtimeClassName")));
            case "Node" ->
                List.of(
                        text("Status", 0, PrintedColumns::nodeStatus),
                        text("Roles", 0, PrintedColumns::roles),
                        text("Site", 0, o -> Meta.labels(o).getOrDefault(Labels.SITE, "")),
                        age(),
                        text("Version", 0, o -> Json.textAt(o, "status", "nodeInfo", "kubeletVersion")),
                        text("Internal-IP", 1, o -> address(o, "InternalIP")),
                        text("Arch", 1, o -> Json.textAt(o, "status", "nodeInfo", "architecture")),
                        text("OS-Image", 1, o -> Json.textAt(o, "status", "nodeInfo", "osImage")),
                        text("Kernel-Version", 1, o -> Json.textAt(o, "status", "nodeInfo", "kernelVersion")),
                        text(
                                "Container-Runtime",
                                1,
                                o -> Json.textAt(o, "status", "nodeInfo", "containerRuntimeVersion")));
            case "Deployment" ->
                withTemplate(
                        text("Ready", 0, o -> status(o, "readyReplicas") + "/" + wanted(o)),
                        number("Up-to-date", o -> status(o, "updatedReplicas")),
                        number("Available", o -> status(o, "availableReplicas")));
            case "ReplicaSet" ->
                withTemplate(
                        number("Desired", PrintedColumns::wanted),
                        number("Current", o -> status(o, "replicas")),
                        number("Ready", o -> status(o, "readyReplicas")));
            case "PriorityClass" ->
                List.of(
                        number("Value", o -> o.path("value").asInt(0)),
                        text(
                                "Global-Default",
                                0,
                                o -> Boolean.toString(o.path("globalDefault").asBoolean(false))),
                        age(),
                        text("PreemptionPolicy", 0, o -> Json.textAt(o, "preemptionPolicy")));
            case "DaemonSet" -> BatchColumns.daemonSet();
            case "ControllerRevision" -> BatchColumns.controllerRevision();
            case "Job" -> BatchColumns.job();
            case "CronJob" -> BatchColumns.cronJob();
            case "Namespace" -> List.of(text("Status", 0, o -> Json.textAt(o, "status", "phase")), age());
            case "ConfigMap" ->
                List.of(
                        number(
                                "Data",
                                o -> o.path("data").size()
                                        + o.path("binaryData").size()),
                        age());
            case "Secret" ->
                List.of(
                        text("Type", 0, o -> Json.textAt(o, "type")),
                        number("Data", o -> o.path("data").size()),
                        age());
            case "Lease" -> List.of(text("Holder", 0, o -> Json.textAt(o, "spec", "holderIdentity")), age());
            case "Event" ->
                List.of(
                        text(
                                "Last Seen",
                                0,
                                o -> Ages.since(firstOf(o, "lastTimestamp", "eventTime", "firstTimestamp"))),
                        text("Type", 0, o -> Json.textAt(o, "type")),
                        text("Reason", 0, o -> Json.textAt(o, "reason")),
                        text("Object", 0, PrintedColumns::involved),
                        text(
                                "Source",
                                1,
                                o -> join(Json.textAt(o, "source", "component"), Json.textAt(o, "source", "host"))),
                        text("Message", 0, o -> Json.textAt(o, "message").strip()),
                        text("First Seen", 1, o -> Ages.since(firstOf(o, "firstTimestamp", "eventTime"))),
                        number("Count", o -> Math.max(1, o.path("count").asInt(1))));
            default -> List.of(age());
        };
    }

    static JsonNode text(String value) {
        return Json.mapper().getNodeFactory().textNode(value);
    }

    static Tables.Cell text(String name, int priority, Function<ObjectNode, String> value) {
        return new Tables.Cell(new Column(name, "string", "", name, priority, ""), object -> text(value.apply(object)));
    }

    static Tables.Cell number(String name, Function<ObjectNode, Integer> value) {
        return new Tables.Cell(
                new Column(name, "integer", "", name, 0, ""),
                object -> Json.mapper().getNodeFactory().numberNode(value.apply(object)));
    }

    private static int wanted(ObjectNode workload) {
        return Json.at(workload, "spec", "replicas").asInt(0);
    }

    static int status(ObjectNode workload, String field) {
        return Json.at(workload, "status", field).asInt(0);
    }

    /** The columns of a workload, then AGE and what its template runs. */
    static List<Tables.Cell> withTemplate(Tables.Cell... first) {
        return withTemplate(o -> o, first);
    }

    /** @param workload finds what has the template and the selector */
    static List<Tables.Cell> withTemplate(Function<ObjectNode, JsonNode> workload, Tables.Cell... first) {
        List<Tables.Cell> cells = new ArrayList<>(List.of(first));
        cells.add(age());
        cells.add(text("Containers", 1, o -> ofContainers(workload.apply(o), "name")));
        cells.add(text("Images", 1, o -> ofContainers(workload.apply(o), "image")));
        cells.add(text("Selector", 1, o -> Scales.selector(Json.at(workload.apply(o), "spec", "selector"))));
        return cells;
    }

    private static String ofContainers(JsonNode workload, String field) {
        List<String> values = new ArrayList<>();
        Json.at(workload, "spec", "template", "spec", "containers").forEach(c -> values.add(Json.textAt(c, field)));
        return String.join(",", values);
    }

    static Tables.Cell age() {
        return text("Age", 0, o -> Ages.since(Meta.creationTimestamp(o)));
    }

    private static String nodeStatus(ObjectNode node) {
        String ready = "Unknown";
        for (JsonNode condition : node.path("status").path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                ready = switch (condition.path("status").asText()) {
                    case "True" -> "Ready";
                    case "False" -> "NotReady";
                    default -> "Unreachable";
                };
            }
        }
        return Json.at(node, "spec", "unschedulable").asBoolean(false) ? ready + ",SchedulingDisabled" : ready;
    }

    private static String roles(ObjectNode node) {
        TreeSet<String> roles = new TreeSet<>();
        Meta.labels(node).forEach((key, value) -> {
            if (key.startsWith("node-role.kubernetes.io/")) {
                roles.add(key.substring("node-role.kubernetes.io/".length()));
            } else if (key.equals("kubernetes.io/role") && !value.isEmpty()) {
                roles.add(value);
            }
        });
        return String.join(",", roles);
    }

    private static String address(ObjectNode node, String type) {
        for (JsonNode address : node.path("status").path("addresses")) {
            if (address.path("type").asText().equals(type)) {
                return address.path("address").asText();
            }
        }
        return "";
    }

    private static String involved(ObjectNode event) {
        String kind = Json.textAt(event, "involvedObject", "kind").toLowerCase(java.util.Locale.ROOT);
        return kind + "/" + Json.textAt(event, "involvedObject", "name");
    }

    private static String firstOf(ObjectNode object, String... fields) {
        for (String field : fields) {
            if (!Json.textAt(object, field).isEmpty()) {
                return Json.textAt(object, field);
            }
        }
        return "";
    }

    private static String join(String component, String host) {
        return host.isEmpty() ? component : component + ", " + host;
    }
}
