package dev.selvage.store;

import java.time.Duration;

/**
 * Where the database is, and the bounds.
 *
 * @param jdbcUrl {@code jdbc:postgresql://host:port/database}
 * @param poolSize connections for everything except telemetry
 * @param partitionRevisions revisions in one partition of the change log
 * @param keepChanges how long changes can be watched from at least; whole partitions older than this are dropped
 * @param maxPartitions partitions kept at most, whatever their age
 * @param watchBuffer changes per kind that are kept in memory for watchers
 * @param writeTimeout the longest that a write waits for its commit
 */
public record StoreConfig(
        String jdbcUrl,
        String user,
        String password,
        int poolSize,
        long partitionRevisions,
        Duration keepChanges,
        int maxPartitions,
        int watchBuffer,
        Duration writeTimeout) {
    public StoreConfig {
        require(jdbcUrl.startsWith("jdbc:postgresql:"), "jdbc-url", jdbcUrl, "jdbc:postgresql://host:port/database");
        require(poolSize >= 3 && poolSize <= 200, "pool-size", poolSize, "3 to 200");
        require(partitionRevisions >= 10, "partition-revisions", partitionRevisions, "at least 10");
        require(!keepChanges.isNegative(), "keep-changes", keepChanges, "a duration");
        require(maxPartitions >= 2, "max-partitions", maxPartitions, "at least 2");
        require(watchBuffer >= 16, "watch-buffer", watchBuffer, "at least 16");
        require(writeTimeout.isPositive(), "write-timeout", writeTimeout, "a positive duration");
    }

    public static StoreConfig of(String jdbcUrl, String user, String password) {
        return new StoreConfig(
                jdbcUrl, user, password, 8, 50_000, Duration.ofHours(1), 40, 10_000, Duration.ofSeconds(10));
    }

    private static void require(boolean holds, String key, Object found, String accepted) {
        if (!holds) {
            throw new IllegalArgumentException(key + ": found " + found + ", accepted is " + accepted);
        }
    }
}
