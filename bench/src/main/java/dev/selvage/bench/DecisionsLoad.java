package dev.selvage.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.scheduler.DryRun;
import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.List;

/** What a process of its own measures for {@link SchedulerLoad}: the scheduler's decisions, without a store. */
final class DecisionsLoad {
    static final int REPLICAS = 100;
    private static final int SITES = 50;
    private static final String SPREAD = """
            ,"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"selvage.dev/site","whenUnsatisfiable":"DoNotSchedule",
              "labelSelector":{"matchLabels":{"app":"%1$s"}}}],
             "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
              {"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"%1$s"}}}]}}""";

    private DecisionsLoad() {}

    /** @param arguments how many nodes and pods; prints one JSON object */
    public static void main(String[] arguments) {
        int nodes = Integer.parseInt(arguments[0]);
        int pods = Integer.parseInt(arguments[1]);
        decide(nodes, pods, ""); // for the compiler
        decide(nodes, pods, SPREAD);
        ObjectNode measured = Json.object();
        measured.set("plain", decide(nodes, pods, ""));
        measured.set("spread", decide(nodes, pods, SPREAD));
        System.out.println(Json.text(measured));
    }

    private static ObjectNode decide(int nodes, int pods, String placement) {
        DryRun scheduler = new DryRun();
        for (int i = 0; i < nodes; i++) {
            scheduler.node(node(i));
        }
        List<ObjectNode> all = new ArrayList<>();
        for (int i = 0; i < pods; i++) {
            String app = "app-" + i / REPLICAS;
            all.add(Json.parseObject(pod("p" + i, app, placement.formatted(app))));
        }
        Samples samples = new Samples();
        long begun = System.nanoTime();
        for (ObjectNode pod : all) {
            long start = System.nanoTime();
            DryRun.Decision decision = scheduler.place(pod);
            samples.add(System.nanoTime() - start);
            if (!decision.fits()) {
                throw new IllegalStateException("a pod found no node: " + decision.said());
            }
        }
        double rate = pods / ((System.nanoTime() - begun) / 1e9);
        return Json.object().put("rate", rate).put("p99", samples.millis(99));
    }

    static ObjectNode node(int i) {
        return Json.parseObject("""
                {"apiVersion":"v1","kind":"Node","metadata":{"name":"sim-%1$d","labels":{"runtime.selvage.dev/process":"true",
                  "bench":"simulated","kubernetes.io/hostname":"sim-%1$d","selvage.dev/site":"site-%2$d"}},
                 "status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},
                  "conditions":[{"type":"Ready","status":"True","reason":"Simulated","message":"bench"}]}}""".formatted(i, i % SITES));
    }

    /** @param placement further fields of the spec, with a comma before them */
    static String pod(String name, String app, String placement) {
        return """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","namespace":"bench","labels":{"app":"%s"}},
                 "spec":{"runtimeClassName":"process","hostNetwork":true,"nodeSelector":{"bench":"simulated"},
                  "containers":[{"name":"c","image":"host","command":["true"],
                   "resources":{"requests":{"cpu":"10m","memory":"16Mi"}}}]%s}}""".formatted(name, app, placement);
    }
}
