package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.workloads.RunId;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows the engine's events and keeps {@link ContainerTable} right. Two threads: one reads events, after each connection it
 * lists everything, so that nothing is missed; the other asks whether the engine still answers, and lists again each minute.
 */
final class EngineWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(EngineWatch.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration LIST = Duration.ofMinutes(1);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Engine engine;
    private final ContainerTable table;
    private final String instance;
    private final Consumer<RunId> changed;
    private final Runnable listed;
    private final Runnable eachMinute;
    private final CountDownLatch first = new CountDownLatch(1);
    private final Thread reader;
    private final Thread looker;
    private volatile Optional<String> away = Optional.of("not looked at yet");
    private volatile Engine.Facts facts = new Engine.Facts("docker", "", "");
    private volatile @Nullable EngineConnection events;
    private volatile boolean closed;

    /**
     * @param listed called after each listing, by the watch's own threads
     * @param eachMinute called while the engine answers, for what may take its time
     */
    EngineWatch(
            Engine engine,
            ContainerTable table,
            String instance,
            Consumer<RunId> changed,
            Runnable listed,
            Runnable eachMinute) {
        this.eachMinute = eachMinute;
        this.engine = engine;
        this.table = table;
        this.instance = instance;
        this.changed = changed;
        this.listed = listed;
        this.reader = Thread.ofVirtual().name("engine-events").unstarted(this::read);
        this.looker = Thread.ofVirtual().name("engine-look").unstarted(this::look);
    }

    /** Waits for the first answer, good or bad, but not for long. */
    void begin(Duration atMost) {
        reader.start();
        looker.start();
        try {
            if (!first.await(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "the container engine has not answered within {0}", atMost);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Why the engine cannot be used at the moment; empty when it can. */
    Optional<String> away() {
        return away;
    }

    Engine.Facts facts() {
        return facts;
    }

    private void read() {
        Duration pause = SHORTEST_PAUSE;
        while (!closed) {
            try {
                follow();
                pause = SHORTEST_PAUSE;
            } catch (IOException | RuntimeException e) {
                gone(String.valueOf(e.getMessage()));
            }
            first.countDown();
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                return;
            }
            Duration twice = pause.multipliedBy(2);
            pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
        }
    }

    private void follow() throws IOException {
        facts = engine.facts();
        var filters = Json.object();
        filters.putArray("type").add("container");
        filters.putArray("label").add(Names.INSTANCE + "=" + instance);
        filters.putArray("event").add("start").add("die").add("oom").add("destroy");
        String target = engine.path("/events?filters=" + Engine.encode(Json.text(filters)));
        try (EngineConnection connection = engine.open(target, ANSWER)) {
            HttpReply reply = connection.request("GET", Map.of(), new byte[0]);
            Engine.check(reply);
            connection.limit(Deadline.NEVER);
            events = connection;
            list();
            if (away.isPresent()) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "container engine {0} {1} at {2}",
                        facts.name(),
                        facts.version(),
                        engine.socket());
            }
            away = Optional.empty();
            first.countDown();
            JsonLines lines = new JsonLines(reply.body());
            for (Optional<ObjectNode> event = lines.next(); event.isPresent(); event = lines.next()) {
                event(event.get());
            }
            gone("the engine has ended its stream of events");
        } finally {
            events = null;
        }
    }

    private void event(JsonNode event) throws IOException {
        JsonNode attributes = event.path("Actor").path("Attributes");
        Optional<RunId> run = Names.run(attributes);
        if (run.isEmpty()) {
            return;
        }
        if (event.path("Action").asText().equals("destroy")) {
            String id = event.path("Actor").path("ID").asText();
            if (table.find(run.get()).filter(e -> e.id().equals(id)).isPresent()) {
                table.remove(run.get());
                changed.accept(run.get());
            }
            return;
        }
        inspect(run.get(), event.path("Actor").path("ID").asText());
    }

    private void inspect(RunId run, String id) throws IOException {
        Optional<JsonNode> inspected = engine.find("/containers/" + id + "/json");
        if (inspected.isPresent() && table.put(run, inspected.get())) {
            changed.accept(run);
        }
    }

    /** Containers whose state in the list is what the table says are not asked about one by one. */
    private synchronized void list() throws IOException {
        long since = System.nanoTime();
        JsonNode all = engine.get("/containers/json?all=1&filters=" + Names.filter(instance, Optional.empty()));
        Set<RunId> seen = new HashSet<>();
        for (JsonNode container : all) {
            Optional<RunId> run = Names.run(container.path("Labels"));
            if (run.isPresent()) {
                seen.add(run.get());
                String id = container.path("Id").asText();
                if (!settled(run.get(), id, container.path("State").asText())) {
                    inspect(run.get(), id);
                }
            }
        }
        table.listed(seen, since).forEach(changed);
        listed.run();
    }

    private boolean settled(RunId run, String id, String state) {
        return table.find(run)
                .filter(e -> e.id().equals(id))
                .map(e -> switch (e.observation()) {
                    case dev.selvage.workloads.Observation.Running running -> state.equals("running");
                    case dev.selvage.workloads.Observation.Exited exited -> !state.equals("running");
                    default -> false;
                })
                .orElse(false);
    }

    private void look() {
        long listedAt = System.nanoTime();
        while (!closed) {
            try {
                Thread.sleep(LOOK);
                EngineConnection following = events;
                if (following == null) {
                    continue; // the reader is at it
                }
                try (EngineConnection connection = engine.open("/_ping", ANSWER)) {
                    Engine.check(connection.request("GET", Map.of(), new byte[0]));
                    if (System.nanoTime() - listedAt > LIST.toNanos()) {
                        list();
                        listedAt = System.nanoTime();
                        eachMinute.run();
                    }
                } catch (IOException e) {
                    gone(String.valueOf(e.getMessage()));
                    following.close(); // the reader connects again, and lists
                }
            } catch (InterruptedException e) {
                return;
            } catch (IOException | RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "a look at the container engine failed: {0}", e);
            }
        }
    }

    private void gone(String why) {
        if (!closed) {
            if (away.isEmpty()) {
                LOG.log(System.Logger.Level.WARNING, "{0}; its containers are taken to be as they were", why);
            }
            away = Optional.of(why);
        }
    }

    @Override
    public void close() {
        closed = true;
        reader.interrupt();
        looker.interrupt();
        EngineConnection following = events;
        if (following != null) {
            try {
                following.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "the engine's events", e);
            }
        }
    }
}
