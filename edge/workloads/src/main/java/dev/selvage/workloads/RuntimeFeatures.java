package dev.selvage.workloads;

import java.util.Optional;

/**
 * What a runtime can do on this machine; the node advertises it.
 *
 * @param unavailable why it cannot run at all, or empty
 * @param limitsNotEnforced why CPU, memory and pid limits have no effect, or empty when they have
 * @param version of the engine, for people
 */
public record RuntimeFeatures(Optional<String> unavailable, Optional<String> limitsNotEnforced, String version) {}
