package dev.selvage.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A Deployment of small web servers over all nodes, updated while clients send requests to those of its pods that are ready. */
final class RolloutLoad {
    private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/bench/deployments";
    private static final Duration LIMIT = Duration.ofMinutes(15);

    /**
     * Listens on a loopback address made of its uid, since all nodes share this machine's network; told to end, it answers for
     * five seconds more, as long as who balances the load may need to hear of it (upstream's advice for {@code preStop}).
     */
    private static final String SERVER = """
            use strict; use IO::Socket::INET;
            my $address = join('.', 127, map { hex($_) % 254 + 1 } substr($ENV{POD_UID}, 0, 6) =~ /../g);
            my $server = IO::Socket::INET->new(LocalAddr => $address, LocalPort => 8080, Listen => 128, ReuseAddr => 1) or die $!;
            my $end; $SIG{TERM} = sub { $end //= time + 5 }; $SIG{PIPE} = 'IGNORE';
            open(my $ready, '>', '/tmp/ready') or die $!; close $ready;
            until ($end && time >= $end) {
                my $r = ''; vec($r, fileno($server), 1) = 1;
                next unless select($r, undef, undef, 0.5) > 0;
                my $client = $server->accept or next;
                sysread($client, my $request, 4096);
                syswrite($client, "HTTP/1.0 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nok\\n");
                close $client;
            }
            """;

    private final Context context;
    private final Api api;
    private final int nodes;
    private final int replicas;

    RolloutLoad(Context context, Api api, int nodes) {
        this.context = context;
        this.api = api;
        this.nodes = nodes;
        this.replicas = context.quick() ? 15 : 300;
    }

    List<Figure> run() throws Exception {
        Processes.lookOnFirst();
        String revision = Json.textAt(api.get("/api/v1/namespaces/bench/pods?limit=1"), "metadata", "resourceVersion");
        try (RolloutPods pods = RolloutPods.follow(api, revision)) {
            context.say(replicas + " pods on " + nodes + " nodes ...");
            api.post(DEPLOYMENTS, deployment());
            complete("the pods are ready");
            try (RolloutClients clients = new RolloutClients(pods)) {
                Until.within(LIMIT, "the first answers", () -> clients.answers() > 100);
                pods.forget();
                context.say("the update ...");
                long begun = System.nanoTime();
                api.merge(
                        DEPLOYMENTS + "/web",
                        "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"version\":\"2\"}}}}}");
                complete("the update is complete");
                double took = (System.nanoTime() - begun) / 1e9;
                Until.within(LIMIT, "the old pods are gone", () -> pods.gone() >= replicas);
                return figures(took, (System.nanoTime() - begun) / 1e9, pods, clients);
            }
        }
    }

    private List<Figure> figures(double took, double gone, RolloutPods pods, RolloutClients clients) {
        String load =
                replicas + " process pods on " + nodes + " agents of one machine, maxSurge and maxUnavailable 25 %";
        String requests = load + "; " + clients.described();
        clients.firstFailure().ifPresent(failure -> context.say("the first failed request: " + failure));
        return List.of(
                Figure.of(
                                "rolling update: requests failed",
                                (double) clients.failures(),
                                "",
                                clients.answers() + clients.failures(),
                                "total",
                                requests)
                        .atMost(0),
                Figure.of("rolling update: until complete", took, "s", 1, "once", load),
                Figure.of("rolling update: until the old pods are gone", gone, "s", 1, "once", load),
                Figure.of(
                        "rolling update: sum of the steps of all pods",
                        pods.steps(),
                        "s",
                        pods.gone(),
                        "total",
                        "created to Ready, and told to end to gone"),
                pods.starts().figure("pod created to Ready", 50, load),
                pods.ends().figure("pod told to end to gone", 50, load + "; each answers 5 s more"));
    }

    private void complete(String what) throws IOException, InterruptedException {
        Until.within(LIMIT, what, () -> {
            ObjectNode deployment = api.get(DEPLOYMENTS + "/web");
            JsonNode status = deployment.path("status");
            return status.path("observedGeneration").asLong()
                            == Json.at(deployment, "metadata", "generation").asLong()
                    && status.path("replicas").asInt() == replicas
                    && status.path("updatedReplicas").asInt() == replicas
                    && status.path("availableReplicas").asInt() == replicas;
        });
    }

    private ObjectNode deployment() {
        return Json.parseObject("""
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},
                 "spec":{"replicas":%d,"selector":{"matchLabels":{"app":"web"}},
                  "template":{"metadata":{"labels":{"app":"web"}},
                   "spec":{"runtimeClassName":"process","hostNetwork":true,"terminationGracePeriodSeconds":30,
                    "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"ScheduleAnyway",
                     "labelSelector":{"matchLabels":{"app":"web"}}}],
                    "containers":[{"name":"web","image":"host","command":["/usr/bin/perl","-e",%s],
                     "env":[{"name":"POD_UID","valueFrom":{"fieldRef":{"fieldPath":"metadata.uid"}}}],
                     "startupProbe":{"exec":{"command":["test","-e","/tmp/ready"]},"periodSeconds":1,"timeoutSeconds":10,"failureThreshold":120},
                     "readinessProbe":{"exec":{"command":["test","-e","/tmp/ready"]},"periodSeconds":30,"timeoutSeconds":10}}]}}}}
                """.formatted(replicas, TextNode.valueOf(SERVER)));
    }
}
