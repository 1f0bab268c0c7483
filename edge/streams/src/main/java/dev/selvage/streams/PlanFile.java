package dev.selvage.streams;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.files.CheckedFile;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.PlanCodec;
import dev.selvage.model.plan.PlanReading;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The plans that run, kept beside the checkpoint: windows of a plan that has changed meanwhile can still be finished, and a
 * plan goes on after a restart when only one of an unknown version has come since.
 */
final class PlanFile {
    record Kept(StreamRun.Identity identity, Plan plan) {}

    private final CheckedFile file;

    PlanFile(Path directory, Consumer<String> damaged) {
        file = new CheckedFile(directory.resolve("plans"), damaged);
    }

    void write(Collection<StreamRun> runs) throws IOException {
        ObjectNode json = Json.object();
        ArrayNode list = json.putArray("streams");
        for (StreamRun run : runs) {
            list.addObject()
                    .put("namespace", run.identity().namespace())
                    .put("name", run.identity().name())
                    .put("uid", run.identity().uid())
                    .put("hash", run.identity().planHash())
                    .set("plan", PlanCodec.write(run.plan()));
        }
        file.write(Json.bytes(json));
    }

    List<Kept> read() throws IOException {
        Optional<byte[]> content = file.read();
        List<Kept> kept = new ArrayList<>();
        if (content.isPresent()) {
            try {
                for (JsonNode one : Json.parseObject(content.get()).path("streams")) {
                    if (PlanCodec.read(one.path("plan")) instanceof PlanReading.Known(Plan plan)) {
                        kept.add(new Kept(
                                new StreamRun.Identity(
                                        Json.textAt(one, "namespace"),
                                        Json.textAt(one, "name"),
                                        Json.textAt(one, "uid"),
                                        one.path("hash").asLong()),
                                plan));
                    }
                }
            } catch (JsonException e) {
                file.setAside(String.valueOf(e.getMessage()));
            }
        }
        return kept;
    }

    /** FNV-1a over the plan as it is written: equal plans are one run. */
    static long hash(Plan plan) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : Json.bytes(PlanCodec.write(plan))) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }
}
