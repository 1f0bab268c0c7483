package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Stats;
import dev.selvage.model.Json;
import dev.selvage.session.LinkSession;
import dev.selvage.streams.StreamSnapshot;
import dev.selvage.streams.Streams;
import dev.selvage.workloads.Pods;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A bound of the agent and how near it is.
 *
 * @param used in the unit that the name ends with, or a number of things
 */
record Limit(String name, double used, double max) {
    private static final String DISK = "disk_";
    private static final String MEMORY = "memory_";

    /** Each bound that grows with load; what cannot be measured here is left out. */
    static List<Limit> of(Agent agent) {
        List<Limit> limits = new ArrayList<>();
        lanes(agent, limits);
        limits.add(new Limit(
                "pods",
                agent.pods().map(Pods::snapshot).map(List::size).orElse(0),
                agent.config().maxPods()));
        agent.streams().ifPresent(streams -> streams(streams, limits));
        agent.link().ifPresent(link -> reports(link, limits));
        limits.add(new Limit("event_readers", agent.feed().readers(), EventFeed.MAX_SUBSCRIBERS));
        limits.add(new Limit("event_queue", agent.feed().longestQueue(), EventFeed.QUEUE));
        openFiles(SystemFiles.REAL, limits);
        // What the heap has taken of the machine: it gives back what its collections leave free.
        limits.add(new Limit("heap_bytes", (double) Runtime.getRuntime().totalMemory(), (double)
                Runtime.getRuntime().maxMemory()));
        machine(agent.metrics(), DISK, limits);
        machine(agent.metrics(), MEMORY, limits);
        return limits;
    }

    private static void lanes(Agent agent, List<Limit> limits) {
        Stats stats = agent.lanes().stats();
        var config = agent.config().lanes();
        limits.add(new Limit("lane_live_bytes", (double) stats.of(Lane.LIVE).bytes(), (double) config.liveBytes()));
        limits.add(new Limit(
                "lane_backlog_bytes", (double) stats.of(Lane.BACKLOG).bytes(), (double) config.backlogBytes()));
        limits.add(new Limit("lanes_bytes", (double) stats.bytes(), (double) config.totalBytes()));
    }

    private static void streams(Streams streams, List<Limit> limits) {
        List<StreamSnapshot> all = streams.snapshot();
        int keys = all.stream().mapToInt(StreamSnapshot::keys).max().orElse(0);
        limits.add(new Limit("streams", all.size(), streams.config().maxStreams()));
        limits.add(new Limit("stream_keys", keys, streams.config().maxKeys()));
    }

    private static void reports(LinkSession link, List<Limit> limits) {
        limits.add(new Limit("reports_waiting", link.statusesWaiting(), LinkSession.MAX_STATUSES));
        limits.add(new Limit("events_waiting", link.eventsWaiting(), LinkSession.MAX_EVENTS));
    }

    /** proc_pid_limits(5). */
    static void openFiles(SystemFiles files, List<Limit> limits) {
        files.lines("proc/self/limits").stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.substring("Max open files".length()).strip().split("\\s+")[0])
                .filter(soft -> soft.matches("\\d+"))
                .forEach(soft -> limits.add(
                        new Limit("open_files", files.list("proc/self/fd", "*").size(), Double.parseDouble(soft))));
    }

    private static void machine(Map<String, Double> metrics, String what, List<Limit> limits) {
        Double used = metrics.get(what + "used_bytes");
        Double total = metrics.get(what + "total_bytes");
        if (used != null && total != null) {
            limits.add(new Limit(what + "bytes", used, total));
        }
    }

    static ArrayNode json(List<Limit> limits) {
        ArrayNode array = Json.array();
        for (Limit limit : limits) {
            ObjectNode one = array.addObject().put("limit", limit.name);
            one.put("used", limit.used).put("max", limit.max);
            one.put("percent", limit.max > 0 ? Math.round(1000 * limit.used / limit.max) / 10.0 : 100);
        }
        return array;
    }
}
