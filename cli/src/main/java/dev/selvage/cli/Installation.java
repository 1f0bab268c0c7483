package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parts of one installation and the order in which they come up. */
final class Installation {
    static final String CENTRE = "centre";
    static final String AGENT = "agent";
    static final String PLANT = "plant";

    /** The order in which they are stopped: the reverse of the start. */
    static final List<String> COMPONENTS = List.of(PLANT, AGENT, CENTRE);

    /** A first start makes the database, which takes a minute on a slow card. */
    private static final Duration START = Duration.ofMinutes(3);

    private final Home home;
    private final Home.Settings settings;

    Installation(Home home, Home.Settings settings) {
        this.home = home;
        this.settings = settings;
    }

    Daemon daemon(String component) {
        return new Daemon(home, component);
    }

    /** A port that somebody else holds is named before anything starts. */
    void requirePorts() {
        Ports ports = settings.ports();
        if (settings.centre() && daemon(CENTRE).running().isEmpty()) {
            ports.ofCentre().forEach(Installation::requireFree);
        }
        if (daemon(AGENT).running().isEmpty()) {
            requireFree(ports.node());
        }
        if (settings.examples() && daemon(PLANT).running().isEmpty()) {
            requireFree(ports.modbus());
            requireFree(ports.plant());
        }
    }

    String startCentre() {
        Daemon centre = daemon(CENTRE);
        ProcessHandle process = centre.running()
                .orElseGet(() -> centre.start(Distribution.centre(home, settings.ports(), settings.listen())));
        return Wait.until("the centre's start", START, this::centreAnswers, () -> ended(process, centre));
    }

    String startPlant() {
        Daemon plant = daemon(PLANT);
        ProcessHandle process = plant.running().orElseGet(() -> plant.start(Distribution.plant(home, settings)));
        PlantClient client = new PlantClient(settings.ports().plant());
        return Wait.until(
                "the plant's start",
                START,
                () -> client.state()
                        .map(state ->
                                "Modbus TCP on 127.0.0.1:" + settings.ports().modbus()),
                () -> ended(process, plant));
    }

    /** Enrols the node of this machine if it has no identity yet, and starts its agent. */
    String startAgent() {
        if (!NodeHome.enrolled(home)) {
            enrol(ownJoinCode());
        }
        Daemon agent = daemon(AGENT);
        ProcessHandle process = agent.running()
                .orElseGet(() -> agent.start(
                        Distribution.agent("run", "--home", home.node().toString())));
        NodeClient node = new NodeClient(home, settings.ports().node());
        return Wait.until(
                "the agent's start",
                START,
                () -> node.status().map(status -> "node " + settings.nodeName()),
                () -> ended(process, agent));
    }

    void enrol(JoinCode code) {
        NodeHome.configure(home, settings);
        NodeHome.enrol(home, settings, code);
    }

    String nodeReady() {
        try (ApiClient api = new ApiClient(home)) {
            return Wait.until(
                    "the node's registration",
                    START,
                    () -> api.get(Kinds.NODE, "", settings.nodeName())
                            .filter(node -> conditionIsTrue(node, "Ready"))
                            .map(node -> "linked, Ready"),
                    Optional::empty);
        }
    }

    /**
     * Applies the example and waits until each of its parts answers.
     *
     * @param runtime of its page, and {@code image} the image for that
     */
    String applyExample(String name, String runtime, String image) {
        Map<String, String> values = placeholders();
        values.put("PAGE_RUNTIME", runtime);
        values.put("PAGE_IMAGE", image);
        List<JsonNode> objects =
                Manifests.read(Distribution.root().resolve("examples").resolve(name), values);
        try (ApiClient api = new ApiClient(home)) {
            objects.forEach(api::apply);
            objects.stream().filter(o -> awaited(o).isPresent()).forEach(o -> await(api, o));
        }
        return objects.size() + " objects, all answering";
    }

    /** Stops what runs and says what it was. */
    List<String> stopAll() {
        return COMPONENTS.stream().filter(c -> daemon(c).stop()).toList();
    }

    Optional<String> centreAnswers() {
        if (!Files.exists(home.kubeconfig())) {
            return Optional.empty();
        }
        try (ApiClient api = new ApiClient(home)) {
            return api.ready() ? Optional.of(api.config().server().toString()) : Optional.empty();
        } catch (CommandFailed half) {
            return Optional.empty();
        }
    }

    private Map<String, String> placeholders() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("NODE_NAME", settings.nodeName());
        values.put("MODBUS_PORT", Integer.toString(settings.ports().modbus()));
        values.put("PAGE_PORT", Integer.toString(settings.ports().page()));
        values.put("NODE_PORT", Integer.toString(settings.ports().node()));
        return values;
    }

    private JoinCode ownJoinCode() {
        try (ApiClient api = new ApiClient(home)) {
            return JoinCode.create(
                    api,
                    api.config().server().getHost() + ":" + settings.ports().hub(),
                    Duration.ofMinutes(10),
                    settings.examples() ? "cold-store-1" : "");
        }
    }

    private static void await(ApiClient api, JsonNode object) {
        var kind = Kinds.byKind(Json.textAt(object, "apiVersion"), Json.textAt(object, "kind"))
                .orElseThrow();
        String condition = awaited(object).orElseThrow();
        String what = kind.kind() + " " + Meta.name(object);
        Wait.until(
                what + " (" + condition + ")",
                START,
                () -> api.get(kind, Meta.namespace(object), Meta.name(object))
                        .filter(o -> conditionIsTrue(o, condition)),
                Optional::empty);
    }

    /** The condition that says that an object of this kind does its work. */
    private static Optional<String> awaited(JsonNode object) {
        return switch (Json.textAt(object, "kind")) {
            case "Pod" -> Optional.of("Ready");
            case "Deployment" -> Optional.of("Available");
            case "Device" -> Optional.of("Connected");
            case "Stream" -> Optional.of("Compiled");
            default -> Optional.empty();
        };
    }

    static boolean conditionIsTrue(ObjectNode object, String type) {
        for (JsonNode condition : Json.at(object, "status", "conditions")) {
            if (Json.textAt(condition, "type").equals(type)) {
                return Json.textAt(condition, "status").equals("True");
            }
        }
        return false;
    }

    private Optional<String> ended(ProcessHandle process, Daemon daemon) {
        return process.isAlive()
                ? Optional.empty()
                : Optional.of("the " + daemon.component() + " ended at its start. Its last words ("
                        + home.log(daemon.component()) + "):\n" + daemon.lastLines(15));
    }

    private static void requireFree(int port) {
        if (!Ports.free(port)) {
            throw new CommandFailed("port " + port
                    + " is in use by another program. Choose other ports with --port-base N (takes N to N+"
                    + (Ports.COUNT - 1) + "), or see who has it: ss -ltnp 'sport = :" + port + "'");
        }
    }

    static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
