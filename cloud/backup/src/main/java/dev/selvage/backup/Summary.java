package dev.selvage.backup;

import java.time.Instant;

/**
 * What was backed up or restored.
 *
 * @param createdAt when the backup was made
 * @param revision of the store in the backup
 * @param objects rows of the table of objects
 * @param telemetry whether the backup holds telemetry
 */
public record Summary(Instant createdAt, long revision, long objects, boolean telemetry) {}
