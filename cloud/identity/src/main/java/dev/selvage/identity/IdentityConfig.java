package dev.selvage.identity;

import java.time.Duration;
import java.util.List;

/**
 * How certificates are issued.
 *
 * @param nodeLife life of a node's certificate; it is renewed at half of it
 * @param serverLife life of the centre's own certificates; renewed likewise
 * @param adminLife life of the administrator's client certificate
 * @param serverNames names and addresses of the centre beside localhost and this machine's host name
 * @param maxOfflineAge a node that was not heard of for longer may renew only when an administrator approves; zero: for ever
 */
public record IdentityConfig(
        Duration nodeLife, Duration serverLife, Duration adminLife, List<String> serverNames, Duration maxOfflineAge) {
    static final Duration SHORTEST = Duration.ofSeconds(2);
    static final Duration LONGEST = Duration.ofDays(3650);

    public IdentityConfig {
        serverNames = List.copyOf(serverNames);
        require("node-life", nodeLife);
        require("server-life", serverLife);
        require("admin-life", adminLife);
        if (!maxOfflineAge.isZero()
                && (maxOfflineAge.compareTo(nodeLife) < 0 || maxOfflineAge.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException("max-offline-age: found " + maxOfflineAge
                    + ", accepted are 0 for none, or node-life (" + nodeLife + ") to " + LONGEST.toDays() + " days");
        }
    }

    public static IdentityConfig of(List<String> serverNames) {
        return new IdentityConfig(
                Duration.ofHours(24), Duration.ofHours(24), Duration.ofDays(365), serverNames, Duration.ZERO);
    }

    public IdentityConfig withNodeLife(Duration life) {
        return new IdentityConfig(life, serverLife, adminLife, serverNames, maxOfflineAge);
    }

    public IdentityConfig withServerLife(Duration life) {
        return new IdentityConfig(nodeLife, life, adminLife, serverNames, maxOfflineAge);
    }

    public IdentityConfig withMaxOfflineAge(Duration age) {
        return new IdentityConfig(nodeLife, serverLife, adminLife, serverNames, age);
    }

    private static void require(String key, Duration found) {
        if (found.compareTo(SHORTEST) < 0 || found.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(key + ": found " + found + ", accepted are 2 seconds to 3650 days");
        }
    }
}
