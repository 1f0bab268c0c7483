package dev.selvage.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Backoff;
import dev.selvage.control.node.NodeTiming;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Leases;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.Store;
import dev.selvage.store.Stored;
import dev.selvage.testing.TestDatabase;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A real store with running controllers, twenty times as fast as in life, and nodes that send heartbeats. */
public final class Centre implements AutoCloseable {
    static final NodeTiming FAST = NodeTiming.DEFAULT.scaled(0.05);
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final Store store = Store.open(TestDatabase.create());
    private final Controllers controllers = new Controllers(
            store.resources(),
            unreadable(store.leases()),
            store.dataSource(),
            new ControlConfig(
                    Duration.ofSeconds(5),
                    FAST,
                    Duration.ofMinutes(10),
                    new Backoff(Duration.ofMillis(50), Duration.ofMillis(400))),
            new Clock() {
                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    throw new UnsupportedOperationException("UTC only");
                }

                @Override
                public Instant instant() {
                    return Instant.now().plus(ahead);
                }
            });
    private volatile Duration ahead = Duration.ZERO;
    private final Set<String> beating = ConcurrentHashMap.newKeySet();
    private final Thread heart = Thread.ofVirtual().unstarted(this::beat);

    private volatile boolean unreadable;

    private Centre() {}

    private Leases unreadable(Leases real) {
        return (Leases) Proxy.newProxyInstance(
                Leases.class.getClassLoader(), new Class<?>[] {Leases.class}, (proxy, method, arguments) -> {
                    if (unreadable) {
                        throw new IllegalStateException("cut");
                    }
                    return method.invoke(real, arguments);
                });
    }

    /** Sets the controllers' clock ahead of the system's; what waits for a time notices when it looks again. */
    public void ahead(Duration time) {
        ahead = time;
    }

    /** As if the database did not answer those who ask for heartbeats. */
    public void heartbeatsUnreadable(boolean now) {
        unreadable = now;
    }

    public static Centre start() {
        Centre centre = new Centre();
        centre.controllers.start();
        centre.heart.start();
        centre.create("v1", "Namespace", "", "default", "");
        return centre;
    }

    @Override
    public void close() {
        controllers.close();
        heart.interrupt();
        store.close();
    }

    public Resources resources() {
        return store.resources();
    }

    /** A node that is ready, offers the process runtime and sends heartbeats. */
    public void node(String name, String labels) {
        String more = labels.isEmpty() ? "" : "," + labels;
        createRaw("""
                {"apiVersion":"v1","kind":"Node","metadata":{"name":"%s","labels":{"runtime.selvage.dev/process":"true"%s}},
                 "status":{"allocatable":{"cpu":"2","memory":"1Gi","pods":"10"},
                           "conditions":[{"type":"Ready","status":"True","reason":"AgentReady","message":"fine"}]}}""".formatted(name, more));
        store.leases().renew(Set.of(name));
        beating.add(name);
    }

    public void silence(String... nodes) {
        beating.removeAll(Set.of(nodes));
    }

    public void revive(String... nodes) {
        beating.addAll(Set.of(nodes));
    }

    public void pod(String name, String cpu, String spec) {
        createRaw("""
                {"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"default","name":"%s"},
                 "spec":{"runtimeClassName":"process",%s
                         "containers":[{"name":"c","image":"host","resources":{"requests":{"cpu":"%s"}}}]}}""".formatted(name, spec.isEmpty() ? "" : spec + ",", cpu));
    }

    /** @param body members after the metadata, such as {@code "spec":{}}; may be empty */
    public ObjectNode create(String apiVersion, String kind, String namespace, String name, String body) {
        ObjectNode object = Json.object().put("apiVersion", apiVersion).put("kind", kind);
        Meta.of(object).put("name", name);
        if (!namespace.isEmpty()) {
            Meta.of(object).put("namespace", namespace);
        }
        if (!body.isEmpty()) {
            object.setAll(Json.parseObject("{" + body + "}"));
        }
        return create(object);
    }

    public ObjectNode createRaw(String json) {
        return create(Json.parseObject(json));
    }

    public ObjectNode create(ObjectNode object) {
        Outcome outcome = resources().create(object);
        assertThat(outcome).isInstanceOf(Outcome.Committed.class);
        return outcome.success().map(Stored::parse).orElseThrow();
    }

    public void change(ObjectKey key, Consumer<ObjectNode> edit) {
        assertThat(resources().mutate(key, object -> {
                    ObjectNode copy = object.deepCopy();
                    edit.accept(copy);
                    return copy;
                }))
                .isInstanceOf(Outcome.Committed.class);
    }

    public void changeStatus(ObjectKey key, Consumer<ObjectNode> edit) {
        assertThat(resources().mutateStatus(key, object -> {
                    ObjectNode copy = object.deepCopy();
                    edit.accept(copy);
                    return copy;
                }))
                .isInstanceOf(Outcome.Committed.class);
    }

    public void delete(ObjectKey key) {
        assertThat(resources().delete(key, DeleteOptions.DEFAULT).succeeded()).isTrue();
    }

    public ObjectNode get(Kind kind, String name) {
        return find(kind, name).orElseThrow(() -> new AssertionError("no " + kind.kind() + " " + name));
    }

    public Optional<ObjectNode> find(Kind kind, String name) {
        return resources().get(ObjectKey.of(kind, "default", name)).map(Stored::parse);
    }

    public String condition(Kind kind, String name, String type) {
        return Conditions.status(get(kind, name), type);
    }

    public String conditionMessage(Kind kind, String name, String type) {
        return Conditions.find(get(kind, name), type)
                .map(condition -> Json.textAt(condition, "message"))
                .orElse("");
    }

    public String nodeOf(String pod) {
        return Json.textAt(get(Kinds.POD, pod), "spec", "nodeName");
    }

    public List<ObjectNode> events(String reason) {
        return resources().list(Selection.all(Kinds.EVENT)).stream()
                .map(Stored::parse)
                .filter(event -> Json.textAt(event, "reason").equals(reason))
                .toList();
    }

    /** Tries until the assertions hold; fails with their last failure at the deadline. */
    public static void eventually(ThrowingCallable assertions) {
        long until = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            try {
                assertions.call();
                return;
            } catch (Throwable e) {
                if (System.nanoTime() > until) {
                    throw new AssertionError("not within " + DEADLINE + ": " + e.getMessage(), e);
                }
                pause(Duration.ofMillis(20));
            }
        }
    }

    /** Asserts that something stays so for a while: for what must not happen there is nothing to wait for. */
    public static void steadily(Duration time, ThrowingCallable assertions) {
        long until = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < until) {
            try {
                assertions.call();
            } catch (Throwable e) {
                throw new AssertionError("not for all of " + time + ": " + e.getMessage(), e);
            }
            pause(Duration.ofMillis(50));
        }
    }

    static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void beat() {
        try {
            while (true) {
                if (!beating.isEmpty()) {
                    store.leases().renew(Set.copyOf(beating));
                }
                Thread.sleep(200);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
