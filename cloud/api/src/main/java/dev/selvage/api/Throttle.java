package dev.selvage.api;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Limits each client's rate and concurrency, and the watches over all. At a limit the answer is 429 with Retry-After;
 * clients not seen for long are forgotten, the oldest first.
 */
final class Throttle {
    private static final int MOST_CLIENTS = 10_000;

    private final ApiConfig config;
    private final Map<String, Client> clients = new LinkedHashMap<>(64, 0.75f, true);
    private int watches;

    Throttle(ApiConfig config) {
        this.config = config;
    }

    private static final class Client {
        double tokens;
        long refilledAt;
        int requests;
        int watches;

        Client(double tokens, long now) {
            this.tokens = tokens;
            this.refilledAt = now;
        }

        boolean idle() {
            return requests == 0 && watches == 0;
        }
    }

    /** To be closed when the request is done. */
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    synchronized Permit enter(Caller caller, boolean watch) {
        String name = caller.user() + "@" + caller.address();
        Client client = clients.computeIfAbsent(name, _ -> new Client(config.burst(), System.nanoTime()));
        forgetOldest();
        refill(client);
        if (client.tokens < 1) {
            throw ApiFailure.tooManyRequests(
                    "too many requests: the limit is " + config.requestsPerSecond() + " per second", 1);
        }
        if (watch && (watches >= config.maxWatches() || client.watches >= Math.max(1, config.maxWatches() / 4))) {
            throw ApiFailure.tooManyRequests("too many watches at once: the limit is " + config.maxWatches(), 5);
        }
        if (!watch && client.requests >= config.concurrentRequests()) {
            throw ApiFailure.tooManyRequests(
                    "too many requests at once: the limit is " + config.concurrentRequests(), 1);
        }
        client.tokens -= 1;
        if (watch) {
            client.watches++;
            watches++;
        } else {
            client.requests++;
        }
        return () -> leave(client, watch);
    }

    synchronized int watches() {
        return watches;
    }

    private synchronized void leave(Client client, boolean watch) {
        if (watch) {
            client.watches--;
            watches--;
        } else {
            client.requests--;
        }
    }

    private void refill(Client client) {
        long now = System.nanoTime();
        double earned = (now - client.refilledAt) / 1e9 * config.requestsPerSecond();
        client.tokens = Math.min(config.burst(), client.tokens + earned);
        client.refilledAt = now;
    }

    private void forgetOldest() {
        if (clients.size() > MOST_CLIENTS) {
            clients.entrySet().stream()
                    .filter(e -> e.getValue().idle())
                    .findFirst()
                    .map(Map.Entry::getKey)
                    .ifPresent(clients::remove);
        }
    }
}
