package dev.selvage.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.agent.Tokens.Caller;
import dev.selvage.devices.Devices;
import dev.selvage.devices.WriteOutcome;
import dev.selvage.devices.WriteRequest;
import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Stats;
import dev.selvage.model.Durations;
import dev.selvage.model.Json;
import dev.selvage.model.WriteAuthority;
import dev.selvage.streams.StreamSnapshot;
import dev.selvage.workloads.PodSnapshot;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The agent as the loopback API shows it. */
record AgentView(Agent agent) implements NodeView {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration VALIDITY = Duration.ofSeconds(10);

    @Override
    public ObjectNode status(Caller caller) {
        ObjectNode status = Json.object();
        status.put("node", agent.config().nodeName());
        status.put("version", Version.AGENT);
        LinkState link = agent.linkState();
        status.put("linked", link.linked());
        status.putObject("link")
                .put("hub", link.hub())
                .put("since", link.since().toString())
                .put("message", link.message());
        status.set("pods", pods(caller));
        status.set("devices", devices(caller));
        status.set("streams", streams(caller));
        if (caller instanceof Caller.Site) {
            status.put("revision", agent.slice().revision());
            status.set("lanes", lanes());
            status.set("metrics", numbers(agent.metrics()));
            status.set("health", health());
        }
        return status;
    }

    private static ObjectNode numbers(Map<String, Double> values) {
        ObjectNode node = Json.object();
        new TreeMap<>(values).forEach(node::put);
        return node;
    }

    @Override
    public ArrayNode pods(Caller caller) {
        ArrayNode pods = Json.array();
        agent.pods()
                .ifPresent(all -> all.snapshot().stream()
                        .filter(pod -> caller.sees(pod.key().namespace()))
                        .forEach(pod -> pods.add(pod(pod))));
        return pods;
    }

    private static ObjectNode pod(PodSnapshot pod) {
        ObjectNode node = Json.object();
        node.put("namespace", pod.key().namespace());
        node.put("name", pod.key().name());
        node.put("uid", pod.uid());
        node.put("phase", Json.textAt(pod.status(), "phase"));
        node.put("ready", ready(pod.status()));
        node.put("reason", reason(pod.status()));
        ArrayNode containers = node.putArray("containers");
        pod.containers()
                .forEach(c -> containers
                        .addObject()
                        .put("name", c.name())
                        .put("pid", c.pid())
                        .put("restarts", c.restarts())
                        .put("logBytes", c.logBytes()));
        return node;
    }

    private static boolean ready(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            if (Json.textAt(condition, "type").equals("Ready")) {
                return Json.textAt(condition, "status").equals("True");
            }
        }
        return false;
    }

    /** Why a pod is not what it should be, in a word. */
    private static String reason(JsonNode status) {
        for (JsonNode container : status.path("containerStatuses")) {
            String waiting = Json.textAt(container, "state", "waiting", "reason");
            if (!waiting.isEmpty()) {
                return waiting;
            }
        }
        return Json.textAt(status, "reason");
    }

    @Override
    public ArrayNode devices(Caller caller) {
        ArrayNode devices = Json.array();
        agent.devices()
                .ifPresent(all -> all.snapshot().stream()
                        .filter(twin -> caller.sees(Json.textAt(twin, "namespace")))
                        .forEach(devices::add));
        return devices;
    }

    @Override
    public Optional<ObjectNode> device(Caller caller, String namespace, String name) {
        return caller.sees(namespace) ? agent.devices().flatMap(d -> d.twin(namespace, name)) : Optional.empty();
    }

    @Override
    public ArrayNode streams(Caller caller) {
        ArrayNode streams = Json.array();
        agent.streams()
                .ifPresent(all -> all.snapshot().stream()
                        .filter(stream -> caller.sees(stream.key().namespace()))
                        .forEach(stream -> streams.add(stream(stream))));
        return streams;
    }

    private static ObjectNode stream(StreamSnapshot stream) {
        return Json.object()
                .put("namespace", stream.key().namespace())
                .put("name", stream.key().name())
                .put("state", stream.state().label())
                .put("message", stream.message())
                .put("keys", stream.keys())
                .put("openWindows", stream.openWindows())
                .put("readings", stream.readings())
                .put("rows", stream.rows())
                .put("writes", stream.writes())
                .put("late", stream.late())
                .put("dropped", stream.dropped());
    }

    @Override
    public ObjectNode lanes() {
        Stats stats = agent.lanes().stats();
        ObjectNode lanes = Json.object();
        for (Lane lane : Lane.values()) {
            Stats.LaneStats one = stats.of(lane);
            ObjectNode node = lanes.putObject(lane.name().toLowerCase(Locale.ROOT))
                    .put("waiting", one.waiting())
                    .put("bytes", one.bytes())
                    .put("epoch", one.epoch())
                    .put("nextSequence", one.nextSequence())
                    .put("acknowledged", one.acknowledged());
            ObjectNode dropped = node.putObject("dropped");
            one.dropped().forEach((reason, count) -> dropped.put(reason.name().toLowerCase(Locale.ROOT), count));
        }
        return lanes;
    }

    @Override
    public ObjectNode health() {
        ObjectNode health = Json.object();
        boolean pods = agent.pods().map(p -> p.faults().isEmpty()).orElse(true);
        health.put("status", agent.supervisor().allWorking() && pods ? "ok" : "degraded");
        ObjectNode parts = health.putObject("parts");
        agent.supervisor()
                .health()
                .forEach((name, part) -> parts.putObject(name)
                        .put("working", part.working())
                        .put("failures", part.failures())
                        .put("message", part.message())
                        .put("since", part.since().toString()));
        ArrayNode notes = health.putArray("notes");
        agent.supervisor().notes().forEach(note -> notes.add(note.toString()));
        agent.pods().ifPresent(p -> p.faults().forEach(notes::add));
        health.set("limits", Limit.json(Limit.of(agent)));
        return health;
    }

    @Override
    public String metrics() {
        return new AgentMetrics(agent).text();
    }

    /** Ready is a node that runs what it holds; the link is no part of that. */
    @Override
    public ObjectNode ready() {
        ObjectNode ready = Json.object();
        boolean all = agent.pods().isPresent()
                && agent.devices().isPresent()
                && agent.streams().isPresent();
        ready.put("ready", all);
        ready.putObject("parts")
                .put("pods", agent.pods().isPresent())
                .put("devices", agent.devices().isPresent())
                .put("streams", agent.streams().isPresent());
        return ready.put("linked", agent.linked());
    }

    @Override
    public ObjectNode write(String namespace, String device, String property, ObjectNode body)
            throws InterruptedException {
        body.fieldNames().forEachRemaining(field -> {
            if (!field.equals("value") && !field.equals("validFor")) {
                throw new ApiError(400, field + ": unknown field, accepted are value, validFor");
            }
        });
        Duration validity = validity(body);
        WriteRequest request =
                WriteRequest.within(validity, namespace, device, property, value(body), WriteAuthority.SITE);
        Devices devices = agent.devices().orElseThrow(() -> new ApiError(503, "the devices are not running"));
        if (devices.twin(namespace, device).isEmpty()) {
            throw new ApiError(404, "no device " + namespace + "/" + device);
        }
        WriteOutcome outcome = devices.writeAndWait(request, validity.compareTo(PATIENCE) < 0 ? validity : PATIENCE);
        return Json.object().put("state", outcome.state().label()).put("message", outcome.message());
    }

    private static Duration validity(ObjectNode body) {
        if (!body.has("validFor")) {
            return VALIDITY;
        }
        return Durations.parse(body.path("validFor").asText())
                .orElseThrow(() -> new ApiError(
                        400, "validFor: found " + body.path("validFor") + ", accepted is " + Durations.ACCEPTED));
    }

    private static Object value(ObjectNode body) {
        JsonNode value = body.path("value");
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            return value.longValue();
        }
        if (value.isNumber()) {
            return value.doubleValue();
        }
        if (value.isTextual()) {
            return value.textValue();
        }
        throw new ApiError(400, "value: found " + value + ", accepted is a number, true, false or a text");
    }
}
