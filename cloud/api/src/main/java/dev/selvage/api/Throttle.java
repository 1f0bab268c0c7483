package dev.selvage.api;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often one may ask: each flow at its rate, and one user, from one address and over all namespaces, four times as often. At a limit the answer is 429 with
 * Retry-After; those not seen for long are forgotten, the oldest first.
 */
final class Throttle {
    private static final int MOST_BUCKETS = 10_000;
    private static final int FLOWS_PER_USER = 4;

    private final ApiConfig config;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true);
    private long refused;

    Throttle(ApiConfig config) {
        this.config = config;
    }

    private static final class Bucket {
        double tokens;
        long refilledAt = System.nanoTime();

        Bucket(double tokens) {
            this.tokens = tokens;
        }

        void refill(double perSecond, double burst) {
            long now = System.nanoTime();
            tokens = Math.min(burst, tokens + (now - refilledAt) / 1e9 * perSecond);
            refilledAt = now;
        }
    }

    /** Counts one request, or refuses it. */
    synchronized void enter(Flow flow, String address) {
        String user = flow.user() + "@" + address;
        Bucket all = bucket(user, FLOWS_PER_USER);
        Bucket own = bucket(user + "/" + flow.namespace(), 1);
        if (all.tokens < 1 || own.tokens < 1) {
            refused++;
            throw ApiFailure.tooManyRequests(
                    "too many requests: the limit is " + config.requestsPerSecond()
                            + " per second in one namespace, and " + FLOWS_PER_USER * config.requestsPerSecond()
                            + " for one user",
                    1);
        }
        all.tokens--;
        own.tokens--;
    }

    synchronized long refused() {
        return refused;
    }

    private Bucket bucket(String name, int times) {
        Bucket bucket = buckets.computeIfAbsent(name, _ -> new Bucket((double) times * config.burst()));
        bucket.refill((double) times * config.requestsPerSecond(), (double) times * config.burst());
        if (buckets.size() > MOST_BUCKETS) {
            buckets.remove(buckets.keySet().iterator().next());
        }
        return bucket;
    }
}
