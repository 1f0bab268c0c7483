package dev.selvage.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The kinds that Selvage serves. */
public final class Kinds {
    public static final String OWN_GROUP = "selvage.dev";

    /** The kinds that {@code kubectl get all} shows. */
    private static final Set<String> IN_ALL = Set.of("Pod", "Deployment", "ReplicaSet", "DaemonSet", "Job", "CronJob");

    public static final Kind NAMESPACE = builtin("", "Namespace", "namespaces", Scope.CLUSTER, true, "ns");
    public static final Kind NODE = builtin("", "Node", "nodes", Scope.CLUSTER, true, "no");
    public static final Kind POD = builtin("", "Pod", "pods", Scope.NAMESPACED, true, "po");
    public static final Kind CONFIG_MAP = builtin("", "ConfigMap", "configmaps", Scope.NAMESPACED, false, "cm");
    public static final Kind SECRET = builtin("", "Secret", "secrets", Scope.NAMESPACED, false);
    public static final Kind EVENT = builtin("", "Event", "events", Scope.NAMESPACED, false, "ev");
    public static final Kind LEASE = builtin("coordination.k8s.io", "Lease", "leases", Scope.NAMESPACED, false);

    public static final Kind DEPLOYMENT =
            builtin("apps", "Deployment", "deployments", Scope.NAMESPACED, true, "deploy");
    public static final Kind REPLICA_SET = builtin("apps", "ReplicaSet", "replicasets", Scope.NAMESPACED, true, "rs");

    public static final Kind PRIORITY_CLASS =
            builtin("scheduling.k8s.io", "PriorityClass", "priorityclasses", Scope.CLUSTER, false, "pc");
    public static final Kind DAEMON_SET = builtin("apps", "DaemonSet", "daemonsets", Scope.NAMESPACED, true, "ds");
    public static final Kind CONTROLLER_REVISION =
            builtin("apps", "ControllerRevision", "controllerrevisions", Scope.NAMESPACED, false);
    public static final Kind JOB = builtin("batch", "Job", "jobs", Scope.NAMESPACED, true);
    public static final Kind CRON_JOB = builtin("batch", "CronJob", "cronjobs", Scope.NAMESPACED, true, "cj");

    public static final Kind SITE = own(
            "Site",
            "sites",
            Scope.CLUSTER,
            List.of(),
            List.of(
                    Column.text("Name-Displayed", ".spec.displayName"),
                    new Column("Nodes", "integer", "", "Nodes of the site", 0, ".status.nodes"),
                    new Column("Ready", "integer", "", "Nodes that are ready", 0, ".status.nodesReady"),
                    Column.wide("Address", ".spec.address"),
                    Column.age()),
            Site.SCHEMA);
    public static final Kind DEVICE_MODEL = own(
            "DeviceModel",
            "devicemodels",
            Scope.CLUSTER,
            List.of("dm"),
            List.of(Column.wide("Description", ".spec.description"), Column.age()),
            DeviceSchemas.deviceModel());
    public static final Kind DEVICE = own(
            "Device",
            "devices",
            Scope.NAMESPACED,
            List.of("dev"),
            List.of(
                    Column.text("Model", ".spec.model"),
                    Column.text("Node", ".spec.nodeName"),
                    Column.text("Connected", ".status.conditions[?(@.type==\"Connected\")].status"),
                    Column.wide("Reason", ".status.conditions[?(@.type==\"Connected\")].reason"),
                    Column.age()),
            DeviceSchemas.device());
    public static final Kind STREAM = own(
            "Stream",
            "streams",
            Scope.NAMESPACED,
            List.of("stm"),
            List.of(
                    Column.text("Compiled", ".status.conditions[?(@.type==\"Compiled\")].status"),
                    Column.wide("Reason", ".status.conditions[?(@.type==\"Compiled\")].reason"),
                    Column.age()),
            StreamSchema.schema());
    public static final Kind JOIN_TOKEN = own(
            "JoinToken",
            "jointokens",
            Scope.CLUSTER,
            List.of(),
            List.of(
                    Column.text("Site", ".spec.site"),
                    new Column("Uses", "integer", "", "Nodes that joined with it", 0, ".status.uses"),
                    new Column("Max", "integer", "", "Uses allowed", 0, ".spec.maxUses"),
                    Column.text("Expires", ".spec.expiresAt"),
                    Column.age()),
            JoinToken.SCHEMA);
    public static final Kind NODE_REQUEST = own(
            "NodeRequest",
            "noderequests",
            Scope.CLUSTER,
            List.of("nr"),
            List.of(
                    Column.text("Node", ".spec.nodeName"),
                    Column.text("Type", ".spec.type"),
                    Column.text("State", ".status.state"),
                    new Column("Objects", "integer", "", "Objects in question", 0, ".spec.count"),
                    Column.wide("Reason", ".spec.reason"),
                    Column.age()),
            NodeRequest.SCHEMA);

    private static final List<Kind> ALL = List.of(
            NAMESPACE,
            NODE,
            POD,
            CONFIG_MAP,
            SECRET,
            EVENT,
            LEASE,
            DEPLOYMENT,
            REPLICA_SET,
            PRIORITY_CLASS,
            DAEMON_SET,
            CONTROLLER_REVISION,
            JOB,
            CRON_JOB,
            SITE,
            DEVICE_MODEL,
            DEVICE,
            STREAM,
            JOIN_TOKEN,
            NODE_REQUEST);
    private static final Map<String, Kind> BY_ID =
            ALL.stream().collect(Collectors.toMap(Kind::id, Function.identity()));

    private Kinds() {}

    public static List<Kind> all() {
        return ALL;
    }

    /** By {@link Kind#id()}. */
    public static Optional<Kind> byId(String id) {
        return Optional.ofNullable(BY_ID.get(id));
    }

    public static Optional<Kind> byResource(String group, String version, String plural) {
        return byId(group.isEmpty() ? plural : plural + "." + group)
                .filter(kind -> kind.version().equals(version));
    }

    /** By the two fields that every object carries. */
    public static Optional<Kind> byKind(String apiVersion, String kind) {
        return ALL.stream()
                .filter(k -> k.kind().equals(kind) && k.apiVersion().equals(apiVersion))
                .findFirst();
    }

    private static Kind builtin(
            String group, String kind, String plural, Scope scope, boolean status, String... shortNames) {
        return new Kind(
                group,
                "v1",
                kind,
                plural,
                singular(kind),
                List.of(shortNames),
                IN_ALL.contains(kind) ? List.of("all") : List.of(),
                scope,
                status,
                List.of(),
                null);
    }

    private static Kind own(
            String kind,
            String plural,
            Scope scope,
            List<String> shortNames,
            List<Column> columns,
            @Nullable ObjectNode schema) {
        return new Kind(
                OWN_GROUP,
                "v1alpha1",
                kind,
                plural,
                singular(kind),
                shortNames,
                List.of("selvage"),
                scope,
                true,
                columns,
                schema);
    }

    private static String singular(String kind) {
        return kind.toLowerCase(java.util.Locale.ROOT);
    }
}
