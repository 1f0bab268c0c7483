package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/** Removes all that is left of pods. One that cannot be removed now, because the engine is away, is noted on disk and removed when it is back. */
final class Removals {
    private static final System.Logger LOG = System.getLogger(Removals.class.getName());

    private final Engine engine;
    private final ContainerTable table;
    private final String instance;
    private final Path notes;

    Removals(Engine engine, ContainerTable table, String instance, Path notes) throws IOException {
        this.engine = engine;
        this.table = table;
        this.instance = instance;
        this.notes = notes;
        Files.createDirectories(notes);
        Files.setPosixFilePermissions(notes, PosixFilePermissions.fromString("rwx------"));
    }

    void remove(String podUid) {
        try {
            removeNow(podUid);
            Files.deleteIfExists(notes.resolve(podUid));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "pod {0} is removed later: {1}", podUid, e.getMessage());
            note(podUid);
        }
    }

    private void note(String podUid) {
        try {
            if (!Files.exists(notes.resolve(podUid))) {
                Files.createFile(notes.resolve(podUid));
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot note that pod {0} is to be removed: {1}", podUid, e);
        }
    }

    /** The sandbox last: the others hang on it. */
    private void removeNow(String podUid) throws IOException {
        JsonNode all = engine.get("/containers/json?all=1&filters=" + Names.filter(instance, Optional.of(podUid)));
        for (JsonNode container : all) {
            if (!container.path("Labels").path(Names.CONTAINER).asText("").isEmpty()) {
                delete(container);
            }
        }
        for (JsonNode container : all) {
            delete(container);
        }
        table.runs(podUid).forEach(table::remove);
        table.remove(Names.sandbox(podUid));
    }

    private void delete(JsonNode container) throws IOException {
        engine.act("DELETE", "/containers/" + container.path("Id").asText() + "?force=1&v=1", Engine.LONG);
    }

    /** Called when the engine has answered again. */
    void retry() {
        try (DirectoryStream<Path> waiting = Files.newDirectoryStream(notes)) {
            List<String> uids = new java.util.ArrayList<>();
            waiting.forEach(note -> uids.add(note.getFileName().toString()));
            uids.forEach(this::remove);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "pods to be removed: {0}", e);
        }
    }
}
