package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.JobDefaults;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** Upstream's defaults of the built-in kinds (k8s.io/kubernetes/pkg/apis/core/v1/defaults.go). */
final class Defaults {
    private static final Set<String> VOLUME_SOURCES = Set.of(
            "hostPath",
            "emptyDir",
            "secret",
            "nfs",
            "iscsi",
            "persistentVolumeClaim",
            "downwardAPI",
            "fc",
            "configMap",
            "projected",
            "csi",
            "ephemeral");

    private Defaults() {}

    static void apply(Kind kind, ObjectNode object) {
        if (kind.equals(Kinds.POD)) {
            pod(object);
        } else if (kind.equals(Kinds.DEPLOYMENT)) {
            deployment(object);
        } else if (kind.equals(Kinds.REPLICA_SET)) {
            absent(Json.child(object, "spec"), "replicas", 1);
            template(object);
        } else if (kind.equals(Kinds.PRIORITY_CLASS)) {
            absent(object, "preemptionPolicy", "PreemptLowerPriority");
        } else if (kind.equals(Kinds.DAEMON_SET)) {
            daemonSet(object);
        } else if (kind.equals(Kinds.JOB)) {
            JobDefaults.apply(object);
            template(object);
        } else if (kind.equals(Kinds.CRON_JOB)) {
            cronJob(object);
            if (Json.at(object, "spec", "jobTemplate") instanceof ObjectNode job) {
                template(job);
            }
        } else if (kind.equals(Kinds.SECRET)) {
            secret(object);
        } else if (kind.equals(Kinds.NAMESPACE)) {
            namespace(object);
        }
    }

    private static void secret(ObjectNode secret) {
        absent(secret, "type", "Opaque");
        if (secret.remove("stringData") instanceof ObjectNode texts) {
            ObjectNode data = Json.child(secret, "data");
            texts.properties()
                    .forEach(text -> data.put(
                            text.getKey(),
                            Base64.getEncoder()
                                    .encodeToString(text.getValue().asText().getBytes(StandardCharsets.UTF_8))));
        }
    }

    private static void namespace(ObjectNode namespace) {
        if (!Meta.name(namespace).isEmpty()) {
            Json.child(Meta.of(namespace), "labels").put("kubernetes.io/metadata.name", Meta.name(namespace));
        }
        ObjectNode status = Json.child(namespace, "status");
        absent(status, "phase", "Active");
    }

    /** k8s.io/kubernetes/pkg/apis/apps/v1/defaults.go */
    private static void deployment(ObjectNode deployment) {
        ObjectNode spec = Json.child(deployment, "spec");
        absent(spec, "replicas", 1);
        absent(spec, "revisionHistoryLimit", 10);
        absent(spec, "progressDeadlineSeconds", 600);
        ObjectNode strategy = Json.child(spec, "strategy");
        absent(strategy, "type", "RollingUpdate");
        if (Json.textAt(strategy, "type").equals("RollingUpdate")) {
            ObjectNode rolling = Json.child(strategy, "rollingUpdate");
            absent(rolling, "maxUnavailable", "25%");
            absent(rolling, "maxSurge", "25%");
        }
        template(deployment);
    }

    private static void daemonSet(ObjectNode daemonSet) {
        ObjectNode spec = Json.child(daemonSet, "spec");
        absent(spec, "revisionHistoryLimit", 10);
        ObjectNode strategy = Json.child(spec, "updateStrategy");
        absent(strategy, "type", "RollingUpdate");
        if (Json.textAt(strategy, "type").equals("RollingUpdate")) {
            ObjectNode rolling = Json.child(strategy, "rollingUpdate");
            absent(rolling, "maxUnavailable", 1);
            absent(rolling, "maxSurge", 0);
        }
        template(daemonSet);
    }

    /** k8s.io/kubernetes/pkg/apis/batch/v1/defaults.go */
    private static void cronJob(ObjectNode cronJob) {
        ObjectNode spec = Json.child(cronJob, "spec");
        absent(spec, "concurrencyPolicy", "Allow");
        if (!spec.hasNonNull("suspend")) {
            spec.put("suspend", false);
        }
        absent(spec, "successfulJobsHistoryLimit", 3);
        absent(spec, "failedJobsHistoryLimit", 1);
    }

    private static void template(ObjectNode workload) {
        if (workload.path("spec").get("template") instanceof ObjectNode template) {
            podSpec(Json.child(template, "spec"));
        }
    }

    private static void pod(ObjectNode pod) {
        ObjectNode spec = Json.child(pod, "spec");
        podSpec(spec);
        ObjectNode status = Json.child(pod, "status");
        absent(status, "phase", "Pending");
        absent(status, "qosClass", qosClass(spec));
    }

    private static void podSpec(ObjectNode spec) {
        absent(spec, "restartPolicy", "Always");
        absent(spec, "dnsPolicy", "ClusterFirst");
        absent(spec, "schedulerName", "default-scheduler");
        absent(spec, "terminationGracePeriodSeconds", 30);
        if (!spec.has("enableServiceLinks")) {
            spec.put("enableServiceLinks", true);
        }
        Json.child(spec, "securityContext");
        boolean hostNetwork = spec.path("hostNetwork").asBoolean();
        for (String list : List.of("initContainers", "containers")) {
            for (JsonNode container : spec.path(list)) {
                if (container instanceof ObjectNode object) {
                    container(object, hostNetwork);
                }
            }
        }
        for (JsonNode volume : spec.path("volumes")) {
            if (volume instanceof ObjectNode object) {
                volume(object);
            }
        }
    }

    private static void container(ObjectNode container, boolean hostNetwork) {
        absent(container, "terminationMessagePath", "/dev/termination-log");
        absent(container, "terminationMessagePolicy", "File");
        absent(container, "imagePullPolicy", pullPolicy(Json.textAt(container, "image")));
        ObjectNode resources = Json.child(container, "resources");
        if (resources.get("limits") instanceof ObjectNode limits) {
            ObjectNode requests = Json.child(resources, "requests");
            limits.properties().forEach(limit -> {
                if (!requests.has(limit.getKey())) {
                    requests.set(limit.getKey(), limit.getValue());
                }
            });
        }
        for (JsonNode port : container.path("ports")) {
            if (port instanceof ObjectNode object) {
                absent(object, "protocol", "TCP");
                if (hostNetwork && !object.has("hostPort") && object.has("containerPort")) {
                    object.set("hostPort", object.get("containerPort"));
                }
            }
        }
        for (JsonNode variable : container.path("env")) {
            downward(variable.path("valueFrom"));
        }
        for (String name : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (container.get(name) instanceof ObjectNode probe) {
                probe(probe);
            }
        }
        for (String hook : List.of("postStart", "preStop")) {
            http(container.path("lifecycle").path(hook));
        }
    }

    private static void probe(ObjectNode probe) {
        number(probe, "timeoutSeconds", 1);
        number(probe, "periodSeconds", 10);
        number(probe, "successThreshold", 1);
        number(probe, "failureThreshold", 3);
        http(probe);
    }

    private static void http(JsonNode handler) {
        if (handler.get("httpGet") instanceof ObjectNode get) {
            absent(get, "path", "/");
            absent(get, "scheme", "HTTP");
        }
    }

    private static void volume(ObjectNode volume) {
        for (String source : List.of("secret", "configMap", "downwardAPI", "projected")) {
            if (volume.get(source) instanceof ObjectNode object) {
                absent(object, "defaultMode", 420);
            }
        }
        volume.path("downwardAPI").path("items").forEach(Defaults::downward);
        volume.path("projected")
                .path("sources")
                .forEach(source -> source.path("downwardAPI").path("items").forEach(Defaults::downward));
        if (VOLUME_SOURCES.stream().noneMatch(volume::has)) {
            volume.putObject("emptyDir");
        }
    }

    private static void downward(JsonNode holder) {
        if (holder.get("fieldRef") instanceof ObjectNode field) {
            absent(field, "apiVersion", "v1");
        }
        if (holder.get("resourceFieldRef") instanceof ObjectNode resource) {
            absent(resource, "divisor", "0"); // as Go writes a quantity that was never set
        }
    }

    /** Always for the tag latest or none, as upstream's parsers.ParseImageName sees it. */
    private static String pullPolicy(String image) {
        String last = image.substring(image.lastIndexOf('/') + 1);
        if (image.contains("@")) {
            return "IfNotPresent";
        }
        int colon = last.indexOf(':');
        return colon < 0 || last.substring(colon + 1).equals("latest") ? "Always" : "IfNotPresent";
    }

    /** k8s.io/kubernetes/pkg/apis/core/helper/qos: cpu and memory only. */
    private static String qosClass(ObjectNode spec) {
        boolean any = false;
        boolean guaranteed = true;
        for (String list : List.of("initContainers", "containers")) {
            for (JsonNode container : spec.path(list)) {
                JsonNode limits = container.path("resources").path("limits");
                JsonNode requests = container.path("resources").path("requests");
                for (String resource : List.of("cpu", "memory")) {
                    any |= limits.has(resource) || requests.has(resource);
                    guaranteed &= limits.has(resource) && limits.get(resource).equals(requests.get(resource));
                }
            }
        }
        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static void absent(ObjectNode object, String field, String value) {
        if (object.path(field).asText("").isEmpty()) {
            object.put(field, value);
        }
    }

    /** A Go pointer: zero says something. */
    private static void absent(ObjectNode object, String field, int value) {
        if (!object.hasNonNull(field)) {
            object.put(field, value);
        }
    }

    /** Zero counts as absent: these Go fields are no pointers. */
    private static void number(ObjectNode object, String field, int value) {
        if (object.path(field).asInt(0) == 0) {
            object.put(field, value);
        }
    }
}
