package dev.selvage.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Process pods in the namespace {@code bench}, and a watch that notes when each was first seen Running. Each pod sleeps,
 * for a number of seconds that tells its process from all others.
 */
final class BenchPods implements AutoCloseable {
    static final String NAMESPACE = "/api/v1/namespaces/bench";
    static final String PODS = NAMESPACE + "/pods";
    static final String IMAGE = "busybox:1";

    private final Api api;
    private final boolean containers;
    private final long marker = 1_000_000_000L + ProcessHandle.current().pid() * 1_000L;
    private final Map<String, Long> running = new ConcurrentHashMap<>();
    private final Stream<String> watch;

    BenchPods(Api api) throws IOException {
        this(api, false);
    }

    /** @param containers in containers of the image {@value #IMAGE} instead */
    BenchPods(Api api, boolean containers) throws IOException {
        this.api = api;
        this.containers = containers;
        api.namespace("bench");
        String revision = Json.textAt(api.get(PODS), "metadata", "resourceVersion");
        watch = api.watch(PODS + "?watch=true&resourceVersion=" + revision);
        Thread.ofVirtual().start(this::follow);
    }

    /** Creates a pod; returns when the request left. */
    long create(int number, ObjectNode... volumes) throws IOException {
        ObjectNode pod = pod(number, volumes);
        long start = System.nanoTime();
        api.post(PODS, pod);
        return start;
    }

    void delete(int number) throws IOException {
        api.delete(PODS + "/" + podName(number) + "?gracePeriodSeconds=1");
    }

    /** When the watch first showed it Running, by {@link System#nanoTime}. */
    long awaitRunning(int number) throws IOException, InterruptedException {
        String name = podName(number);
        Until.within(Duration.ofMinutes(1), name + " is Running", () -> running.containsKey(name));
        return running.getOrDefault(name, 0L);
    }

    List<Long> processes(int number) {
        return Processes.withArgument(argument(number));
    }

    String argument(int number) {
        return Long.toString(marker + number);
    }

    private ObjectNode pod(int number, ObjectNode... volumes) {
        ObjectNode pod = Json.object().put("apiVersion", "v1").put("kind", "Pod");
        pod.putObject("metadata").put("name", podName(number));
        ObjectNode spec = pod.putObject("spec")
                .put("runtimeClassName", containers ? "container" : "process")
                .put("hostNetwork", !containers)
                .put("nodeName", Installation.NODE)
                .put("terminationGracePeriodSeconds", 1);
        ObjectNode container =
                spec.putArray("containers").addObject().put("name", "main").put("image", containers ? IMAGE : "host");
        container
                .putArray("command")
                .add(containers ? "sleep" : "/usr/bin/sleep")
                .add(argument(number));
        for (ObjectNode volume : volumes) {
            spec.withArray("/volumes").add(volume);
            String name = volume.path("name").asText();
            container.withArray("/volumeMounts").addObject().put("name", name).put("mountPath", "/" + name);
        }
        return pod;
    }

    private void follow() {
        try {
            watch.forEach(line -> {
                ObjectNode object = (ObjectNode) Json.parseObject(line).path("object");
                if (Json.textAt(object, "status", "phase").equals("Running")) {
                    running.putIfAbsent(Json.textAt(object, "metadata", "name"), System.nanoTime());
                }
            });
        } catch (RuntimeException closed) {
            // the end of the bench, or of the centre: who waits for a pod says so
        }
    }

    private static String podName(int number) {
        return "pod-" + number;
    }

    @Override
    public void close() {
        watch.close();
    }
}
