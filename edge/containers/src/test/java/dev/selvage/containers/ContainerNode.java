package dev.selvage.containers;

import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import dev.selvage.workloads.LogRequest;
import dev.selvage.workloads.LogsUnavailableException;
import dev.selvage.workloads.PodListener;
import dev.selvage.workloads.Pods;
import dev.selvage.workloads.PodsConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** A node with the container runtime on a real engine, and what its listener has heard. */
final class ContainerNode implements AutoCloseable, PodListener {
    final Map<ObjectKey, ObjectNode> configs = new ConcurrentHashMap<>();
    final Map<String, ObjectNode> statuses = new ConcurrentHashMap<>();
    final List<String> gone = new CopyOnWriteArrayList<>();
    final List<String> history = new CopyOnWriteArrayList<>();
    final List<String> events = new CopyOnWriteArrayList<>();
    final Map<String, ObjectNode> desired = new LinkedHashMap<>();
    final ContainerRuntime runtime;
    final Pods pods;

    ContainerNode(Path home, Path socket) throws IOException {
        this(home, ContainersConfig.of(socket, home.resolve("containers")));
    }

    ContainerNode(Path home, ContainersConfig config) throws IOException {
        this.runtime = ContainerRuntime.open(config);
        this.pods = new Pods(
                PodsConfig.of(home.resolve("pods"), "node-1", "127.0.0.1"),
                List.of(runtime),
                key -> Optional.ofNullable(configs.get(key)),
                this);
    }

    @Override
    public void status(ObjectKey key, String uid, ObjectNode status) {
        statuses.put(uid, status);
        history.add(uid + " " + Json.text(status));
    }

    @Override
    public void gone(ObjectKey key, String uid) {
        gone.add(uid);
    }

    @Override
    public void event(ObjectKey key, String uid, String type, String reason, String message) {
        events.add(uid + " " + reason + ": " + message);
    }

    void run(ObjectNode... wanted) {
        for (ObjectNode pod : wanted) {
            desired.put(pod.path("metadata").path("uid").asText(), pod);
        }
        pods.desired(desired.values());
    }

    void drop(String uid) {
        desired.remove(uid);
        pods.desired(desired.values());
    }

    void config(String kind, String name, Map<String, String> data) {
        ObjectNode object = Json.object().put("apiVersion", "v1").put("kind", kind);
        object.putObject("metadata").put("namespace", "default").put("name", name);
        ObjectNode values = object.putObject("data");
        data.forEach((key, value) -> values.put(
                key,
                kind.equals("Secret")
                        ? Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))
                        : value));
        configs.put(ObjectKey.of(object), object);
        pods.configsChanged();
    }

    JsonNode status(String uid) {
        ObjectNode status = statuses.get(uid);
        return status == null ? Json.object() : status;
    }

    JsonNode container(String uid) {
        return status(uid).path("containerStatuses").path(0);
    }

    void awaitPhase(String uid, String phase) {
        await(
                uid + " " + phase,
                () -> status(uid).path("phase").asText().equals(phase),
                () -> status(uid) + " " + eventsOf(uid));
    }

    void awaitReady(String uid) {
        await(uid + " ready", () -> container(uid).path("ready").asBoolean(), () -> status(uid) + " " + eventsOf(uid));
    }

    void awaitContainer(String uid, Predicate<JsonNode> wanted) {
        await(uid + " container", () -> wanted.test(container(uid)), () -> status(uid) + " " + eventsOf(uid));
    }

    void awaitWaiting(String uid, String reason) {
        awaitContainer(uid, c -> c.at("/state/waiting/reason").asText().equals(reason));
    }

    void awaitEvent(String uid, String part) {
        await(
                uid + " event " + part,
                () -> eventsOf(uid).stream().anyMatch(e -> e.contains(part)),
                () -> eventsOf(uid));
    }

    List<String> eventsOf(String uid) {
        return events.stream().filter(e -> e.startsWith(uid + " ")).toList();
    }

    void awaitGone(String uid) {
        await(uid + " gone", () -> gone.contains(uid), () -> status(uid));
    }

    static void await(String what, Supplier<Boolean> condition, Supplier<?> shown) {
        long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (!condition.get()) {
            if (System.nanoTime() > deadline) {
                fail("waited in vain for %s; it is %s", what, shown.get());
            }
            try {
                Thread.sleep(10); // the poll of a bounded wait, not a synchronisation
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    String logs(String uid) {
        return logs(uid, "app", false);
    }

    String logs(String uid, String container, boolean previous) {
        LogRequest all = LogRequest.of("default", "", container);
        return logs(new LogRequest(
                "default",
                "",
                uid,
                container,
                previous,
                false,
                false,
                all.tailLines(),
                all.sinceMillis(),
                all.limitBytes()));
    }

    String logs(LogRequest request) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            pods.logs(request, out);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    void awaitLog(String uid, String text) {
        await(
                "log of " + uid + " with " + text,
                () -> safeLogs(uid).contains(text),
                () -> safeLogs(uid) + status(uid) + eventsOf(uid));
    }

    private String safeLogs(String uid) {
        try {
            return logs(uid);
        } catch (LogsUnavailableException e) {
            return "";
        }
    }

    /** As an agent that goes: the containers stay. */
    void leave() {
        pods.close();
        runtime.close();
    }

    /** Ends all pods and waits for it, so that a test leaves nothing running. */
    @Override
    public void close() {
        for (ObjectNode pod : desired.values()) {
            ((ObjectNode) pod.path("spec")).put("terminationGracePeriodSeconds", 0);
        }
        pods.desired(desired.values());
        pods.desired(List.of());
        await("all pods gone", () -> pods.snapshot().isEmpty(), () -> pods.snapshot());
        leave();
    }

    static ObjectNode pod(String uid, String... command) {
        ObjectNode pod = Json.parseObject("""
                {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {"namespace": "default", "name": "%s", "uid": "%s", "generation": 1},
                 "spec": {"runtimeClassName": "container", "nodeName": "node-1", "terminationGracePeriodSeconds": 5,
                          "containers": [{"name": "app", "image": "busybox:1", "imagePullPolicy": "IfNotPresent"}]}}
                """.formatted(uid, uid));
        for (String word : command) {
            app(pod).withArray("command").add(word);
        }
        return pod;
    }

    static ObjectNode shell(String uid, String script) {
        return pod(uid, "sh", "-c", script);
    }

    static ObjectNode app(ObjectNode pod) {
        return (ObjectNode) pod.path("spec").path("containers").path(0);
    }

    static ObjectNode spec(ObjectNode pod) {
        return (ObjectNode) pod.path("spec");
    }

    /** Merges a JSON object into another; the one given wins. */
    static ObjectNode with(ObjectNode target, String json) {
        target.setAll(Json.parseObject(json));
        return target;
    }
}
