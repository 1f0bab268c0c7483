package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.lanes.Lane;
import dev.selvage.model.Json;
import dev.selvage.streams.Row;
import dev.selvage.workloads.PodRuntime;
import dev.selvage.workloads.Pods;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tells of the node itself: its status when it changes, its figures as samples of source {@code node} in namespace {@code selvage-system}. */
final class NodeReporter {
    static final String NAMESPACE = "selvage-system";
    static final String SOURCE = "node";

    private final Agent agent;
    private final NodeStatus status;
    private final NodeMetrics local;
    private final NodeMetrics uplink;
    private final LaneSink sink;
    private long toldAt = System.currentTimeMillis();
    private String reported = "";
    private Instant told = Instant.EPOCH;

    NodeReporter(Agent agent) {
        this.agent = agent;
        this.status = new NodeStatus(agent.facts().status());
        this.local = new NodeMetrics(SystemFiles.REAL, agent.home().directory());
        this.uplink = new NodeMetrics(SystemFiles.REAL, agent.home().directory());
        this.sink = new LaneSink(agent.lanes(), agent.config().nodeName(), agent::linked, row -> {});
    }

    /** For the loopback API and the conditions of the Node. */
    void look() {
        agent.metrics().putAll(measured(local, System.currentTimeMillis()));
    }

    /** For the centre: one sample of the time since the one before. */
    void tell() {
        long now = System.currentTimeMillis();
        Map<String, Double> values = measured(uplink, now);
        sink.append(new Row("live", NAMESPACE, SOURCE, agent.config().nodeName(), toldAt, now, false, values));
        toldAt = now;
    }

    private Map<String, Double> measured(NodeMetrics metrics, long now) {
        Map<String, Double> values = metrics.measure(now);
        agent.pods()
                .ifPresent(pods -> values.put("pods", (double) pods.snapshot().size()));
        var stats = agent.lanes().stats();
        values.put("lanes_bytes", (double) stats.bytes());
        long waiting = 0;
        long dropped = 0;
        for (Lane lane : Lane.values()) {
            waiting += stats.of(lane).waiting();
            dropped += stats.of(lane).droppedTotal();
        }
        values.put("lanes_waiting_records", (double) waiting);
        values.put("lanes_dropped_records", (double) dropped);
        return values;
    }

    synchronized void reportIfChanged() {
        ObjectNode now = compose();
        String text = Json.text(now);
        if (!text.equals(reported)) {
            send(now, text);
        }
    }

    /** Whatever was reported before. */
    synchronized void report() {
        ObjectNode now = compose();
        send(now, Json.text(now));
    }

    private void send(ObjectNode now, String text) {
        reported = text;
        var key = Agent.nodeKey(agent.config().nodeName());
        agent.statuses().report(key, agent.slice().uid(key).orElse(""), now);
    }

    /** What happened becomes an event of the Node, once there is a link to tell it over. */
    synchronized void tellNotes() {
        if (!agent.linked()) {
            return;
        }
        var key = Agent.nodeKey(agent.config().nodeName());
        for (Supervisor.Note note : agent.supervisor().notes()) {
            if (note.at().isAfter(told)) {
                agent.statuses().event(key, agent.slice().uid(key).orElse(""), "Warning", "NodeFault", note.message());
                told = note.at();
            }
        }
    }

    ObjectNode compose() {
        List<PodRuntime> runtimes = agent.pods().map(Pods::runtimes).orElse(List.of());
        return status.compose(runtimes, agent.metrics(), faults(), Instant.now());
    }

    List<String> faults() {
        List<String> faults = new ArrayList<>();
        agent.supervisor().health().forEach((part, health) -> {
            if (!health.working()) {
                faults.add(part + ": " + health.message());
            }
        });
        agent.pods().ifPresent(pods -> faults.addAll(pods.faults()));
        faults.addAll(agent.supervisor().news());
        return faults;
    }
}
