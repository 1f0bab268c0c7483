package dev.selvage.agent;

import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Stats;
import dev.selvage.streams.StreamSnapshot;
import dev.selvage.streams.StreamState;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** The agent's figures in Prometheus' text format; limits by the names that the centre uses too. */
final class AgentMetrics {
    private final Agent agent;
    private final Prometheus text = new Prometheus();

    AgentMetrics(Agent agent) {
        this.agent = agent;
    }

    String text() {
        text.gauges("selvage_node_", new TreeMap<>(agent.metrics()));
        text.add("gauge", "selvage_link_up", "1 while linked to a hub", agent.linked() ? 1 : 0);
        limits();
        lanes();
        streams();
        agent.link()
                .ifPresent(link -> text.add(
                        "counter",
                        "selvage_reports_dropped_total",
                        "statuses and events dropped at their limit",
                        (double) link.reportsDropped()));
        agent.supervisor()
                .health()
                .forEach((part, health) -> text.add(
                        "gauge", "selvage_part_up", "1 while the part works", health.working() ? 1 : 0, "part", part));
        return text.toString();
    }

    private void limits() {
        List<Limit> limits = Limit.of(agent);
        limits.forEach(l -> text.add("gauge", "selvage_limit_used", "how much is used", l.used(), "limit", l.name()));
        limits.forEach(l -> text.add("gauge", "selvage_limit_max", "how much may be", l.max(), "limit", l.name()));
    }

    private void lanes() {
        Stats stats = agent.lanes().stats();
        for (Lane lane : Lane.values()) {
            text.add(
                    "gauge",
                    "selvage_lane_waiting_records",
                    "not acknowledged",
                    (double) stats.of(lane).waiting(),
                    "lane",
                    word(lane));
        }
        for (Lane lane : Lane.values()) {
            stats.of(lane)
                    .dropped()
                    .forEach((reason, count) -> text.add(
                            "counter",
                            "selvage_lane_dropped_records_total",
                            "dropped, by reason",
                            count,
                            "lane",
                            word(lane),
                            "reason",
                            word(reason)));
        }
    }

    private void streams() {
        List<StreamSnapshot> streams = agent.streams().map(s -> s.snapshot()).orElse(List.of());
        for (StreamState state : StreamState.values()) {
            long count = streams.stream().filter(s -> s.state() == state).count();
            text.add("gauge", "selvage_streams", "streams in a state", (double) count, "state", state.label());
        }
        for (StreamSnapshot stream : streams) {
            counter("selvage_stream_readings_total", "readings taken", stream, stream.readings());
        }
        for (StreamSnapshot stream : streams) {
            counter("selvage_stream_late_total", "readings of windows that were closed", stream, stream.late());
        }
        for (StreamSnapshot stream : streams) {
            counter("selvage_stream_dropped_total", "lost to a limit", stream, stream.dropped());
        }
    }

    private void counter(String name, String help, StreamSnapshot stream, long value) {
        text.add(
                "counter",
                name,
                help,
                (double) value,
                "namespace",
                stream.key().namespace(),
                "stream",
                stream.key().name());
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
