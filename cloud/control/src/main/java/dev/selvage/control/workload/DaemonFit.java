package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.scheduler.NodeTerms;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.Node;
import dev.selvage.model.Taint;
import dev.selvage.model.Toleration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a DaemonSet wants of a node (upstream's NodeShouldRunDaemonPod), and what it leaves alone because nobody can reach it. */
enum DaemonFit {
    /** A pod belongs there. */
    RUN,
    /** One that is there stays, none is made. */
    KEEP,
    /** None belongs there. */
    LEAVE,
    /** The node cannot be reached: whatever is there goes on, and is brought up to date when it returns. */
    AWAY;

    private static final Taint NOT_READY = new Taint("node.kubernetes.io/not-ready", "", Taint.NO_SCHEDULE);
    private static final Taint CORDON = new Taint("node.kubernetes.io/unschedulable", "", Taint.NO_SCHEDULE);

    /** @param terms required node affinity; null for none */
    record Template(
            String nodeName,
            Map<String, String> selector,
            @Nullable NodeTerms terms,
            String runtime,
            List<Toleration> tolerations) {
        static Template of(ObjectNode set) {
            JsonNode spec = Json.at(set, "spec", "template", "spec");
            return new Template(
                    Json.textAt(spec, "nodeName"),
                    Meta.strings(spec.path("nodeSelector")),
                    NodeTerms.required(Json.at(spec, "affinity", "nodeAffinity")),
                    spec.path("runtimeClassName").asText("container"),
                    DaemonPod.allTolerations(spec));
        }

        private boolean tolerates(Taint taint) {
            return tolerations.stream().anyMatch(toleration -> toleration.tolerates(taint));
        }

        DaemonFit on(Node node) {
            boolean named = nodeName.isEmpty() || nodeName.equals(node.name());
            boolean matches =
                    node.labels().entrySet().containsAll(selector.entrySet()) && (terms == null || terms.matches(node));
            if (!named || !matches) {
                return LEAVE;
            }
            if (unreachable(node)) {
                return AWAY;
            }
            if (node.taints().stream().anyMatch(t -> t.effect().equals(Taint.NO_EXECUTE) && !tolerates(t))) {
                return LEAVE;
            }
            boolean refused = node.taints().stream().anyMatch(t -> t.forbidsScheduling() && !tolerates(t))
                    || (node.unschedulable() && !tolerates(CORDON))
                    || (node.ready() == Node.Ready.FALSE && !tolerates(NOT_READY))
                    || !node.runtimes().contains(runtime);
            return refused ? KEEP : RUN;
        }
    }

    private static boolean unreachable(Node node) {
        return node.ready() == Node.Ready.UNKNOWN
                || node.taints().stream().anyMatch(taint -> taint.key().equals(Taint.UNREACHABLE));
    }
}
