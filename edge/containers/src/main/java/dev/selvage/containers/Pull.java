package dev.selvage.containers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Has the engine pull an image. A registry that stalls is given up after a while without progress, a slow one after an hour, and one whose image fills the disk before that. */
final class Pull implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofHours(1);

    private final Engine engine;
    private final Duration patience;
    private final PullRoom room;
    private final Set<EngineConnection> open = ConcurrentHashMap.newKeySet();

    /** @param patience without progress */
    Pull(Engine engine, Duration patience, PullRoom room) {
        this.engine = engine;
        this.patience = patience;
        this.room = room;
    }

    /** @param auths tried in turn; what the last one was told is the answer */
    void pull(ImageName name, List<String> auths) throws IOException {
        IOException last = new IOException("no credentials to try");
        for (String auth : auths) {
            try {
                pull(name, auth);
                return;
            } catch (EngineException e) {
                last = e;
            }
        }
        throw last;
    }

    private void pull(ImageName name, String auth) throws IOException {
        String tag = name.digest().isEmpty() ? name.tag() : name.digest();
        String target = engine.path(
                "/images/create?fromImage=" + Engine.encode(name.repository()) + "&tag=" + Engine.encode(tag));
        Map<String, String> headers = auth.isEmpty() ? Map.of() : Map.of("X-Registry-Auth", auth);
        Optional<Path> root = room.make();
        try (EngineConnection connection = engine.open(target, patience);
                PullRoom.Guard guard = room.guard(root, connection)) {
            open.add(connection);
            try {
                HttpReply reply = connection.request("POST", headers, new byte[0]);
                Engine.check(reply);
                follow(connection, new JsonLines(reply.body()));
            } catch (IOException e) {
                throw explained(e, connection, guard);
            } finally {
                open.remove(connection);
            }
        }
    }

    /** A stall or a full disk is no reason to try the next credentials. */
    private IOException explained(IOException e, EngineConnection connection, PullRoom.Guard guard) {
        if (!guard.why().isEmpty()) {
            return new IOException(guard.why(), e);
        }
        return connection.timedOut()
                ? new IOException(
                        "no progress for %d s: the registry sends nothing more".formatted(patience.toSeconds()), e)
                : connection.explained(e);
    }

    private void follow(EngineConnection connection, JsonLines lines) throws IOException {
        long end = System.nanoTime() + LONGEST.toNanos();
        String before = "";
        for (Optional<ObjectNode> line = lines.next(); line.isPresent(); line = lines.next()) {
            String error = Json.textAt(line.get(), "error");
            if (!error.isEmpty()) {
                throw new EngineException(0, error);
            }
            if (System.nanoTime() > end) {
                throw new EngineException(0, "the pull was not done within " + LONGEST.toHours() + " h");
            }
            String now = Json.text(line.get());
            if (!now.equals(before)) {
                connection.limit(patience); // the same line again is no progress
                before = now;
            }
        }
    }

    @Override
    public void close() {
        for (EngineConnection connection : open) {
            try {
                connection.close();
            } catch (IOException e) {
                System.getLogger(Pull.class.getName()).log(System.Logger.Level.DEBUG, "a pull", e);
            }
        }
    }
}
