package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.workloads.Failure;
import dev.selvage.workloads.Observation;
import dev.selvage.workloads.PodSandbox;
import dev.selvage.workloads.RunId;
import java.io.IOException;
import java.util.Optional;

/** The sandboxes of pods in the engine. */
final class PodSandboxes {
    private final Engine engine;
    private final ContainerTable table;
    private final SandboxSpec specs;
    private final EngineWatch watch;

    PodSandboxes(Engine engine, ContainerTable table, SandboxSpec specs, EngineWatch watch) {
        this.engine = engine;
        this.table = table;
        this.specs = specs;
        this.watch = watch;
    }

    Optional<Failure> prepare(PodSandbox pod) {
        RunId run = Names.sandbox(pod.uid());
        try {
            Optional<JsonNode> found = engine.find("/containers/" + Names.of(run) + "/json");
            if (found.isEmpty() || !found.get().path("State").path("Running").asBoolean()) {
                found = Optional.of(make(pod, run));
            }
            table.put(run, found.get());
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new Failure("CreatePodSandboxError", String.valueOf(e.getMessage()), true));
        }
    }

    private JsonNode make(PodSandbox pod, RunId run) throws IOException {
        for (RunId joined : table.runs(pod.uid())) { // they hold namespaces that nobody else shares any more
            engine.act("POST", "/containers/" + Names.of(joined) + "/kill", Engine.SHORT);
        }
        engine.act("DELETE", "/containers/" + Names.of(run) + "?force=1&v=1", Engine.LONG);
        table.remove(run);
        PauseImage.ensure(engine, watch.facts().architecture());
        ObjectNode body = specs.of(pod);
        engine.post("/containers/create?name=" + Names.of(run), body, Engine.LONG);
        engine.post("/containers/" + Names.of(run) + "/start", Engine.LONG);
        return engine.get("/containers/" + Names.of(run) + "/json");
    }

    /** Also while nothing is known of it. */
    boolean running(String podUid) {
        Optional<ContainerTable.Entry> entry = table.find(Names.sandbox(podUid));
        return entry.isPresent() ? entry.get().observation() instanceof Observation.Running : !table.known();
    }
}
