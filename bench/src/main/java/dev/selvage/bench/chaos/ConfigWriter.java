package dev.selvage.bench.chaos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.bench.Api;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client that creates, replaces, patches and deletes ConfigMaps of its own without end, and keeps account: what was acknowledged holds; what became of a request
 * without an answer it asks once the API answers again, as it is the only one that writes these objects.
 */
final class ConfigWriter extends Background {
    static final String PATH = "/api/v1/namespaces/" + ChaosSite.NAMESPACE + "/configmaps";
    private static final int OBJECTS = 15;
    private static final String JSON = "application/json";

    /**
     * A change that the centre holds.
     *
     * @param revision 0 where the answer did not tell it
     */
    record Applied(String type, String value, long revision) {}

    private record Present(String value, String revision) {}

    private final Api api;
    private final String prefix;
    private final Random random;
    private final Violations violations;
    private final Map<String, Present> present = new HashMap<>();
    private final Map<String, List<Applied>> applied = new HashMap<>();
    private long number;
    private long acknowledged;
    private long unanswered;

    ConfigWriter(Api api, String prefix, long seed, Violations violations) {
        super("writer " + prefix, violations);
        this.api = api;
        this.prefix = prefix;
        this.random = new Random(seed);
        this.violations = violations;
    }

    @Override
    void step() throws IOException, InterruptedException {
        String name = prefix + "-" + random.nextInt(OBJECTS);
        String value = Long.toString(++number);
        @Nullable Present before = present.get(name);
        int kind = random.nextInt(100);
        if (before == null) {
            write(name, "ADDED", value, () -> api.call("POST", PATH, JSON, object(name, value, "")));
        } else if (kind < 45) {
            String body = object(name, value, before.revision);
            write(name, "MODIFIED", value, () -> api.call("PUT", PATH + "/" + name, JSON, body));
        } else if (kind < 85) {
            String body = "{\"data\":{\"n\":\"" + value + "\"}}";
            write(
                    name,
                    "MODIFIED",
                    value,
                    () -> api.call("PATCH", PATH + "/" + name, "application/merge-patch+json", body));
        } else {
            write(name, "DELETED", before.value, () -> api.call("DELETE", PATH + "/" + name, JSON, ""));
        }
        TimeUnit.MILLISECONDS.sleep(20 + random.nextInt(60));
    }

    private interface Request {
        Api.Answer send() throws IOException;
    }

    private void write(String name, String type, String value, Request request) throws InterruptedException {
        try {
            Api.Answer answer = request.send();
            if (answer.status() / 100 == 2) {
                acknowledged(name, type, value, answer);
                return;
            }
            if (answer.status() == 429) {
                return;
            }
            if (answer.status() / 100 == 4) {
                violations.add("%s of ConfigMap %s, the account says %s, answered %d: %s"
                        .formatted(type, name, present.get(name), answer.status(), answer.body()));
            }
        } catch (IOException | JsonException unknown) {
            // asked below
        }
        unanswered++;
        ask(name, type, value);
    }

    private void acknowledged(String name, String type, String value, Api.Answer answer) {
        acknowledged++;
        ObjectNode object = Json.parseObject(answer.body());
        boolean gone = type.equals("DELETED");
        note(name, type, value, gone ? "0" : Json.textAt(object, "metadata", "resourceVersion"));
    }

    private void note(String name, String type, String value, String revision) {
        applied.computeIfAbsent(name, n -> new ArrayList<>()).add(new Applied(type, value, Long.parseLong(revision)));
        if (type.equals("DELETED")) {
            present.remove(name);
        } else {
            present.put(name, new Present(value, revision));
        }
    }

    /** Reads until there is an answer, and books the change when it is there. */
    private void ask(String name, String type, String value) throws InterruptedException {
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < TimeUnit.MINUTES.toNanos(5)) {
            try {
                Api.Answer answer = api.call("GET", PATH + "/" + name, JSON, "");
                if (answer.status() == 200 || answer.status() == 404) {
                    found(name, type, value, answer);
                    return;
                }
            } catch (IOException | JsonException away) {
                // again
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        violations.add("ConfigMap " + name + " could not be read for five minutes");
    }

    private void found(String name, String type, String value, Api.Answer answer) {
        @Nullable Present before = present.get(name);
        if (answer.status() == 404) {
            if (type.equals("DELETED")) {
                note(name, type, value, "0");
            } else if (before != null) {
                violations.add("ConfigMap %s is gone, acknowledged was %s".formatted(name, before));
                present.remove(name);
            }
            return;
        }
        ObjectNode object = Json.parseObject(answer.body());
        Present now = new Present(Json.textAt(object, "data", "n"), Json.textAt(object, "metadata", "resourceVersion"));
        if (now.equals(before)) {
            return;
        }
        if (now.value.equals(value) && !type.equals("DELETED")) {
            note(name, type, value, now.revision);
            return;
        }
        violations.add("ConfigMap %s is %s, acknowledged was %s".formatted(name, now, before));
        present.put(name, now);
    }

    private static String object(String name, String value, String revision) {
        ObjectNode object = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
        ObjectNode metadata = object.putObject("metadata").put("name", name);
        if (!revision.isEmpty()) {
            metadata.put("resourceVersion", revision);
        }
        object.putObject("data").put("n", value);
        return Json.text(object);
    }

    long acknowledged() {
        return acknowledged;
    }

    long unanswered() {
        return unanswered;
    }

    /** After the end: each change by object, as they must have been seen. */
    Map<String, List<Applied>> applied() {
        return applied;
    }

    /** After the end: that what was acknowledged last is what is read. */
    void readBack() throws IOException {
        for (int i = 0; i < OBJECTS; i++) {
            String name = prefix + "-" + i;
            @Nullable Present last = present.get(name);
            Api.Answer answer = api.call("GET", PATH + "/" + name, JSON, "");
            String found = answer.status() == 200
                    ? Json.textAt(Json.parseObject(answer.body()), "data", "n")
                    : Integer.toString(answer.status());
            if (!found.equals(last == null ? "404" : last.value)) {
                violations.add("read back ConfigMap %s: found %s, acknowledged was %s".formatted(name, found, last));
            }
        }
    }
}
