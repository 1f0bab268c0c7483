package dev.selvage.api;

import java.time.Duration;

/**
 * Where the API listens and what it allows.
 *
 * @param host address to bind
 * @param port 0 takes a free one, see {@link ApiServer#port()}
 * @param version the product's version, shown by {@code kubectl version}
 * @param maxBodyBytes larger request bodies are answered 413
 * @param maxObjectBytes larger objects are answered 413
 * @param bodyTimeout a body that has not arrived whole by then is answered 408
 * @param idleTimeout a connection without traffic is closed
 * @param requestsPerSecond sustained rate of one user at one address in one namespace, four times that over all; beyond it and {@code burst} 429 with Retry-After
 * @param concurrentRequests requests under way at once per user, watches apart; over all twice, of one user in one namespace half as many
 * @param maxWatches watches under way at once over all clients; per user half, of one user in one namespace a quarter
 */
public record ApiConfig(
        String host,
        int port,
        String version,
        int maxBodyBytes,
        int maxObjectBytes,
        Duration bodyTimeout,
        Duration idleTimeout,
        int requestsPerSecond,
        int burst,
        int concurrentRequests,
        int maxWatches) {
    public ApiConfig {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port " + port + ": accepted are 0 to 65535");
        }
        if (maxBodyBytes < 1 || maxObjectBytes < 1 || requestsPerSecond < 1 || burst < 1) {
            throw new IllegalArgumentException("limits must be positive: " + maxBodyBytes + ", " + maxObjectBytes + ", "
                    + requestsPerSecond + ", " + burst);
        }
    }

    /** The limits of the design: bodies 3 MiB, objects 1.5 MiB. */
    public static ApiConfig defaults(String host, int port) {
        return new ApiConfig(
                host,
                port,
                "0.1.0",
                3 << 20,
                3 << 19,
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                400,
                1000,
                200,
                4000);
    }

    /** With other shares for tenants; a burst is two and a half seconds' worth. */
    public ApiConfig withLimits(int perSecond, int concurrent, int watches) {
        return new ApiConfig(
                host,
                port,
                version,
                maxBodyBytes,
                maxObjectBytes,
                bodyTimeout,
                idleTimeout,
                perSecond,
                Math.multiplyExact(perSecond, 5) / 2,
                concurrent,
                watches);
    }
}
