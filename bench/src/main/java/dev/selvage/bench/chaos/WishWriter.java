package dev.selvage.bench.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.bench.Api;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import dev.selvage.model.Timestamps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A client that wishes setpoints of devices, each a number of its own and for some seconds only. */
final class WishWriter extends Background {
    /** @param revision 0 where the answer did not come */
    record Wish(int value, long validUntil, long revision) {}

    private final Api api;
    private final Random random;
    private final Violations violations;
    private final Map<Integer, List<Wish>> wishes = new HashMap<>();
    private int number;
    private long acknowledged;
    private long unanswered;

    WishWriter(Api api, long seed, Violations violations) {
        super("wishes", violations);
        this.api = api;
        this.random = new Random(seed);
        this.violations = violations;
    }

    /** What a Device wishes now; 0 for nothing. */
    static int wished(JsonNode device) {
        return device.at("/spec/properties/0/desired/value").asInt();
    }

    @Override
    void step() throws InterruptedException {
        int validMillis = 2_000 + random.nextInt(18_000);
        wish(random.nextInt(ChaosSite.DEVICES), validMillis);
        TimeUnit.MILLISECONDS.sleep(50 + random.nextInt(100));
    }

    /** Wishes until it is known that the centre holds it. */
    void wish(int device, int validMillis) throws InterruptedException {
        int value = ++number;
        long validUntil = System.currentTimeMillis() + validMillis;
        List<Wish> of = wishes.computeIfAbsent(device, d -> new ArrayList<>());
        String path = ChaosSite.DEVICE_PATH + "/" + ChaosSite.device(device);
        String patch = """
                [{"op": "add", "path": "/spec/properties/0/desired", "value": {"value": %d, "validUntil": "%s"}}]""".formatted(value, Timestamps.millis(validUntil));
        try {
            Api.Answer answer = api.call("PATCH", path, "application/json-patch+json", patch);
            if (answer.status() == 200) {
                acknowledged++;
                of.add(new Wish(value, validUntil, revision(answer)));
                return;
            }
            if (answer.status() == 429) {
                return;
            }
            if (answer.status() / 100 == 4) {
                violations.add("wish of " + path + " answered " + answer.status() + ": " + answer.body());
            }
        } catch (IOException | JsonException unknown) {
            // asked below
        }
        unanswered++;
        ask(path, new Wish(value, validUntil, 0), of);
    }

    private void ask(String path, Wish wish, List<Wish> of) throws InterruptedException {
        int before = of.isEmpty() ? 0 : of.getLast().value;
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < TimeUnit.MINUTES.toNanos(5)) {
            try {
                Api.Answer answer = api.call("GET", path, "application/json", "");
                if (answer.status() == 200) {
                    int now = wished(Json.parseObject(answer.body()));
                    if (now == wish.value) {
                        of.add(wish);
                    } else if (now != before) {
                        violations.add(path + " wishes " + now + ", acknowledged was " + before);
                    }
                    return;
                }
            } catch (IOException | JsonException away) {
                // again
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        violations.add(path + " could not be read for five minutes");
    }

    private static long revision(Api.Answer answer) {
        return Long.parseLong(Json.textAt(Json.parseObject(answer.body()), "metadata", "resourceVersion"));
    }

    long acknowledged() {
        return acknowledged;
    }

    long unanswered() {
        return unanswered;
    }

    int last(int device) {
        List<Wish> of = wishes.getOrDefault(device, List.of());
        return of.isEmpty() ? 0 : of.getLast().value;
    }

    /** After the end: what was wished of each device, in order. */
    Map<Integer, List<Wish>> wishes() {
        return wishes;
    }
}
