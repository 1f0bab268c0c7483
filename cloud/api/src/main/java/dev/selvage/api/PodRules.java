package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Quantity;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Rules of a PodSpec (k8s.io/kubernetes/pkg/apis/core/validation), for what our runtimes honour. */
final class PodRules {
    private static final List<String> RUNTIMES = List.of("container", "process");
    private static final Pattern VARIABLE = Pattern.compile("[-._a-zA-Z][-._a-zA-Z0-9]*");
    private final Definitions definitions;
    private final List<Problem> problems;
    private final String root;
    /** Whether the pod's runtime is the process runtime; else it is containers. */
    private boolean process;

    /** @param root path of the PodSpec in its object: {@code spec} of a pod, {@code spec.template.spec} of a workload */
    PodRules(Definitions definitions, List<Problem> problems, String root) {
        this.definitions = definitions;
        this.problems = problems;
        this.root = root;
    }

    void check(ObjectNode spec, boolean stored) {
        process = PodFieldTable.isProcess(Json.textAt(spec, "runtimeClassName"));
        if (!stored) { // an update cannot change these, and a stored pod must stay changeable when rules grow
            runtime(spec);
            new PodFields(definitions, problems, process ? PodFieldTable.PROCESS : PodFieldTable.CONTAINER)
                    .check(spec, root);
            new PlacementRules(problems, root).check(spec);
            VolumeRules files = new VolumeRules(problems);
            for (int i = 0; i < spec.path("volumes").size(); i++) {
                files.check(spec.path("volumes").get(i), root + ".volumes[" + i + "]");
            }
            life(spec);
            if (!process) {
                new ContainerRules(problems, root).check(spec);
            }
        }
        if (spec.path("containers").isEmpty()) {
            problems.add(Problem.required(root + ".containers", ""));
        }
        user(spec.path("securityContext"), root + ".securityContext");
        Set<String> volumes = new HashSet<>();
        for (int i = 0; i < spec.path("volumes").size(); i++) {
            volume(spec.path("volumes").get(i), root + ".volumes[" + i + "]", volumes);
        }
        Set<String> names = new HashSet<>();
        for (String list : List.of("initContainers", "containers")) {
            for (int i = 0; i < spec.path(list).size(); i++) {
                container(spec.path(list).get(i), root + "." + list + "[" + i + "]", names, volumes);
            }
        }
        if (spec.path("terminationGracePeriodSeconds").asLong() < 0) {
            negative(root + ".terminationGracePeriodSeconds", spec.path("terminationGracePeriodSeconds"));
        }
        spec.path("nodeSelector").properties().forEach(e -> {
            Names.qualified(e.getKey())
                    .ifPresent(text -> problems.add(Problem.invalid(root + ".nodeSelector", e.getKey(), text)));
            Names.labelValue(e.getValue().asText())
                    .ifPresent(text -> problems.add(
                            Problem.invalid(root + ".nodeSelector", e.getValue().asText(), text)));
        });
    }

    private void life(ObjectNode spec) {
        JsonNode deadline = spec.path("activeDeadlineSeconds");
        if (deadline.isNumber() && (deadline.asLong() < 1 || deadline.asLong() > Integer.MAX_VALUE)) {
            problems.add(Problem.invalid(
                    root + ".activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive"));
        }
        LifecycleRules hooks = new LifecycleRules(problems);
        long grace = spec.path("terminationGracePeriodSeconds").asLong();
        for (int i = 0; i < spec.path("containers").size(); i++) {
            JsonNode lifecycle = spec.path("containers").get(i).path("lifecycle");
            hooks.check(lifecycle, grace, root + ".containers[" + i + "].lifecycle");
        }
        for (int i = 0; i < spec.path("initContainers").size(); i++) {
            for (String field : List.of("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")) {
                if (spec.path("initContainers").get(i).has(field)) {
                    problems.add(Problem.forbidden(
                            root + ".initContainers[" + i + "]." + field,
                            "may not be set for init containers without restartPolicy=Always"));
                }
            }
        }
    }

    private void runtime(ObjectNode spec) {
        JsonNode runtime = spec.path("runtimeClassName");
        if (!runtime.isMissingNode() && !RUNTIMES.contains(runtime.asText())) {
            problems.add(Problem.unsupported(root + ".runtimeClassName", runtime, RUNTIMES));
        } else if (process && !spec.path("hostNetwork").asBoolean()) {
            problems.add(Problem.required(
                    root + ".hostNetwork", "process pods use their node's network and must say so: true"));
        }
    }

    private void volume(JsonNode volume, String path, Set<String> names) {
        String name = Json.textAt(volume, "name");
        if (!name.isEmpty()) {
            Names.label(name).ifPresent(text -> problems.add(Problem.invalid(path + ".name", name, text)));
            if (!names.add(name)) {
                problems.add(Problem.duplicate(path + ".name", name));
            }
        }
        if (volume.has("secret") && Json.textAt(volume, "secret", "secretName").isEmpty()) {
            problems.add(Problem.required(path + ".secret.secretName", ""));
        }
        if (volume.has("configMap") && Json.textAt(volume, "configMap", "name").isEmpty()) {
            problems.add(Problem.required(path + ".configMap.name", ""));
        }
        long sources = volume.properties().stream()
                .filter(e -> !e.getKey().equals("name"))
                .count();
        if (sources > 1) {
            problems.add(Problem.forbidden(path, "may not specify more than 1 volume type"));
        }
    }

    private void container(JsonNode container, String path, Set<String> names, Set<String> volumes) {
        String name = Json.textAt(container, "name");
        if (!name.isEmpty()) {
            Names.label(name).ifPresent(text -> problems.add(Problem.invalid(path + ".name", name, text)));
            if (!names.add(name)) {
                problems.add(Problem.duplicate(path + ".name", name));
            }
        }
        String image = Json.textAt(container, "image");
        if (image.isEmpty()) {
            problems.add(Problem.required(path + ".image", ""));
        } else if (!process && !image.equals(image.strip())) {
            problems.add(Problem.invalid(path + ".image", image, "must not have leading or trailing whitespace"));
        } else if (process && !image.equals("host") && !image.startsWith("host:/")) {
            problems.add(Problem.invalid(
                    path + ".image", image, "the process runtime accepts \"host\" and \"host:/directory\""));
        }
        for (int i = 0; i < container.path("env").size(); i++) {
            variable(container.path("env").get(i), path + ".env[" + i + "]");
        }
        Set<String> places = new HashSet<>();
        for (int i = 0; i < container.path("volumeMounts").size(); i++) {
            mount(container.path("volumeMounts").get(i), path + ".volumeMounts[" + i + "]", volumes, places);
        }
        for (int i = 0; i < container.path("ports").size(); i++) {
            port(container.path("ports").get(i).path("containerPort"), path + ".ports[" + i + "].containerPort");
        }
        user(container.path("securityContext"), path + ".securityContext");
        resources(container.path("resources"), path + ".resources");
        for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (container.has(probe)) {
                probe(container.get(probe), path + "." + probe, !probe.equals("readinessProbe"));
            }
        }
    }

    private void variable(JsonNode variable, String path) {
        String name = Json.textAt(variable, "name");
        if (!name.isEmpty() && !VARIABLE.matcher(name).matches()) {
            problems.add(Problem.invalid(
                    path + ".name",
                    name,
                    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.',"
                            + " and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or"
                            + " 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')"));
        }
        JsonNode from = variable.path("valueFrom");
        if (from.isObject() && from.isEmpty()) {
            problems.add(Problem.invalid(
                    path + ".valueFrom",
                    "",
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"));
        } else if (from.isObject() && !Json.textAt(variable, "value").isEmpty()) {
            problems.add(Problem.invalid(path + ".valueFrom", "", "may not be specified when `value` is not empty"));
        } else if (from.size() > 1) {
            problems.add(
                    Problem.invalid(path + ".valueFrom", "", "may not have more than one field specified at a time"));
        }
        DownwardRules downward = new DownwardRules(problems);
        downward.field(from.path("fieldRef"), path + ".valueFrom.fieldRef", false);
        downward.resource(from.path("resourceFieldRef"), path + ".valueFrom.resourceFieldRef", false);
    }

    private void mount(JsonNode mount, String path, Set<String> volumes, Set<String> places) {
        String name = Json.textAt(mount, "name");
        if (!name.isEmpty() && !volumes.contains(name)) {
            problems.add(new Problem("FieldValueNotFound", path + ".name", "Not found: \"" + name + "\""));
        }
        String place = Json.textAt(mount, "mountPath");
        if (!place.isEmpty() && !places.add(place)) {
            problems.add(Problem.invalid(path + ".mountPath", place, "must be unique"));
        }
        if (!place.isEmpty()
                && (!place.startsWith("/") || List.of(place.split("/")).contains(".."))) {
            problems.add(Problem.invalid(path + ".mountPath", place, "must be an absolute path without '..'"));
        }
        String sub = Json.textAt(mount, "subPath");
        if (sub.startsWith("/")) {
            problems.add(Problem.invalid(path + ".subPath", sub, "must be a relative path"));
        } else if (List.of(sub.split("/")).contains("..")) {
            problems.add(Problem.invalid(path + ".subPath", sub, "must not contain '..'"));
        }
    }

    private void user(JsonNode context, String path) {
        for (String field : List.of("runAsUser", "runAsGroup")) {
            JsonNode id = context.path(field);
            if (process && id.isNumber() && (id.asLong() < 1 || id.asLong() > Integer.MAX_VALUE)) {
                problems.add(Problem.invalid(
                        path + "." + field, id, "must be between 1 and 2147483647: process pods never run as root"));
            } else if (id.isNumber() && (id.asLong() < 0 || id.asLong() > Integer.MAX_VALUE)) {
                problems.add(Problem.invalid(path + "." + field, id, "must be between 0 and 2147483647, inclusive"));
            }
        }
    }

    /** A process pod has no layer of its own to write to. */
    private List<String> resources() {
        return process ? List.of("cpu", "memory") : List.of("cpu", "memory", "ephemeral-storage");
    }

    private void resources(JsonNode resources, String path) {
        for (String side : List.of("limits", "requests")) {
            resources.path(side).properties().forEach(e -> {
                String place = path + "." + side + "[" + e.getKey() + "]";
                if (!resources().contains(e.getKey())) {
                    problems.add(
                            Problem.forbidden(place, "only " + String.join(", ", resources()) + " are honoured here"));
                } else if (Quantity.parse(e.getValue().asText())
                        .filter(q -> q.value().signum() < 0)
                        .isPresent()) {
                    negative(place, e.getValue());
                }
            });
        }
        for (String name : resources()) {
            JsonNode request = resources.path("requests").path(name);
            JsonNode limit = resources.path("limits").path(name);
            boolean above = Quantity.parse(request.asText(""))
                    .flatMap(r ->
                            Quantity.parse(limit.asText("")).map(l -> r.value().compareTo(l.value()) > 0))
                    .orElse(false);
            if (above) {
                problems.add(Problem.invalid(
                        path + ".requests",
                        request,
                        "must be less than or equal to " + name + " limit of " + limit.asText()));
            }
        }
    }

    private void probe(JsonNode probe, String path, boolean onceOnly) {
        long handlers = List.of("exec", "httpGet", "tcpSocket", "grpc").stream()
                .filter(probe::has)
                .count();
        if (handlers == 0) {
            problems.add(Problem.required(path, "must specify a handler type"));
        } else if (handlers > 1) {
            problems.add(Problem.forbidden(path, "may not specify more than 1 handler type"));
        }
        for (String field : List.of(
                "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")) {
            if (probe.path(field).asLong(0) < 0) {
                negative(path + "." + field, probe.path(field));
            }
        }
        if (onceOnly && probe.path("successThreshold").asInt(1) > 1) {
            problems.add(Problem.invalid(path + ".successThreshold", probe.path("successThreshold"), "must be 1"));
        }
        if (probe.has("exec") && probe.path("exec").path("command").isEmpty()) {
            problems.add(Problem.required(path + ".exec.command", ""));
        }
        for (String handler : List.of("httpGet", "tcpSocket")) {
            if (probe.path(handler).has("port")) {
                port(probe.path(handler).path("port"), path + "." + handler + ".port");
            }
        }
    }

    private void port(JsonNode port, String path) {
        port(problems, port, path);
    }

    /** A port by number; one by name is left to others. */
    static void port(List<Problem> problems, JsonNode port, String path) {
        if (port.isNumber() && (port.asLong() < 1 || port.asLong() > 65535)) {
            problems.add(Problem.invalid(path, port, "must be between 1 and 65535, inclusive"));
        }
    }

    private void negative(String path, JsonNode value) {
        problems.add(Problem.invalid(path, value, "must be greater than or equal to 0"));
    }
}
