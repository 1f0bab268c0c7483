package dev.selvage.control.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.selvage.model.Json;
import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is counted change by change must be what a count from nothing gives, and what pods say must not make decisions slow. */
class IncrementalTest {
    private static final String[] RULES = {
        "",
        Picture.spread("selvage.dev/site", 1, "DoNotSchedule", ""),
        Picture.spread("zone", 2, "DoNotSchedule", ",\"minDomains\":2"),
        Picture.spread("zone", 1, "ScheduleAnyway", ""),
        Picture.podAffinity("podAffinity", "zone", ""),
        Picture.podAffinity("podAntiAffinity", "kubernetes.io/hostname", ""),
        Picture.podAffinity(
                "podAntiAffinity", "selvage.dev/site", ",\"namespaceSelector\":{\"matchLabels\":{\"team\":\"x\"}}")
    };

    private final Random random = new Random(7);
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<ObjectKey, SchedulablePod> bound = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> namespaces = new LinkedHashMap<>();
    private final Cluster incremental = new Cluster();

    @Test
    void aThousandRandomChangesLeaveTheSamePictureAsACountFromNothing() {
        int placed = 0;
        int preempted = 0;
        for (int step = 0; step < 1_000; step++) {
            change(step);
            SchedulablePod pod = pod(step);
            Choice choice = incremental.choose(pod);
            assertThat(choice).as("step %d, pod %s", step, pod).isEqualTo(anew().choose(pod));
            switch (choice) {
                case Choice.Fits(String node) -> {
                    bind(pod.on(node));
                    placed++;
                }
                case Choice.Preempts preempts -> {
                    preempts.victims().forEach(victim -> gone(victim.key()));
                    preempted++;
                }
                case Choice.Nowhere nowhere -> assertThat(nowhere.message()).isNotEmpty();
            }
        }
        assertThat(placed).isGreaterThan(200);
        assertThat(preempted).isGreaterThan(10);
    }

    /** The API lets 1,024 keys and values through, each pod with other ones. */
    @Test
    void longAndEverDifferentSelectorsStayBounded() {
        for (int i = 0; i < 100; i++) {
            node(i);
        }
        assertTimeout(Duration.ofMinutes(1), () -> decide(150, 1_000));
        decide(Tallies.REMEMBERED + 100, 1);
        assertThat(incremental.tallies().size()).isEqualTo(Tallies.REMEMBERED);
    }

    private void decide(int pods, int words) {
        for (int i = 0; i < pods; i++) {
            StringBuilder values = new StringBuilder("\"web\"");
            for (int value = 0; value < words; value++) {
                values.append(",\"v").append(i).append('-').append(value).append('"');
            }
            String rule = """
                    "topologySpreadConstraints":[{"topologyKey":"selvage.dev/site","maxSkew":1,"whenUnsatisfiable":"DoNotSchedule",
                     "labelSelector":{"matchExpressions":[{"key":"app","operator":"NotIn","values":[%s]}]}}]""".formatted(values);
            SchedulablePod pod = Picture.pod("default", "p" + words + "-" + i, "app=x" + i, rule);
            assertThat(incremental.choose(pod)).isInstanceOf(Choice.Fits.class);
            incremental.pod(pod.on("n" + i % 100));
        }
    }

    private void change(int step) {
        if (nodes.size() < 8 || random.nextInt(40) == 0) {
            node(random.nextInt(16));
        } else if (random.nextInt(60) == 0) {
            String name = nodes.keySet().iterator().next();
            nodes.remove(name);
            incremental.nodeGone(name);
        }
        if (random.nextInt(30) == 0) {
            String namespace = random.nextBoolean() ? "default" : "other";
            Map<String, String> labels = random.nextBoolean() ? Map.of("team", "x") : Map.of();
            namespaces.put(namespace, labels);
            incremental.namespace(namespace, labels);
        }
        if (!bound.isEmpty() && random.nextInt(3) == 0) {
            gone(bound.keySet().stream()
                    .skip(random.nextInt(bound.size()))
                    .findFirst()
                    .orElseThrow());
        }
        if (!bound.isEmpty() && step % 7 == 0) {
            bind(bound.values().iterator().next().doomed());
        }
    }

    private void node(int i) {
        String name = "n" + i;
        String taint = random.nextInt(8) == 0 ? "\"unschedulable\":true" : "";
        Node node = Node.of(Json.parseObject(
                """
                {"metadata":{"name":"%s","labels":{"runtime.selvage.dev/process":"true","kubernetes.io/hostname":"%s",
                   "selvage.dev/site":"s%d"%s}},"spec":{%s},
                 "status":{"allocatable":{"cpu":"1","memory":"4Gi"},"conditions":[{"type":"Ready","status":"True"}]}}""".formatted(name, name, i % 5, i % 4 == 0 ? "" : ",\"zone\":\"z" + i % 3 + "\"", taint)));
        nodes.put(name, node);
        incremental.node(node);
    }

    private SchedulablePod pod(int step) {
        String cpu = Picture.cpu(random.nextInt(1, 5) * 100 + "m");
        String rule = RULES[random.nextInt(RULES.length)];
        String priority = "\"priority\":" + random.nextInt(3);
        return Picture.pod(
                random.nextInt(4) == 0 ? "other" : "default",
                "p" + step,
                random.nextBoolean() ? "app=web" : "app=db",
                cpu + "," + priority + (rule.isEmpty() ? "" : "," + rule));
    }

    private void bind(SchedulablePod pod) {
        bound.put(pod.key(), pod);
        incremental.pod(pod);
    }

    private void gone(ObjectKey key) {
        bound.remove(key);
        incremental.podGone(key);
    }

    private Cluster anew() {
        Cluster cluster = new Cluster();
        nodes.values().forEach(cluster::node);
        namespaces.forEach(cluster::namespace);
        bound.values().forEach(cluster::pod);
        return cluster;
    }
}
