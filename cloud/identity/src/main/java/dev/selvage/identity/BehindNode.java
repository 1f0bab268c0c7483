package dev.selvage.identity;

import java.time.Instant;

/**
 * A node that has not said that it trusts the newest CA.
 *
 * @param renewedAt when it got its present certificate
 * @param heldBy the machine that got it, in words; empty if it did not say
 */
public record BehindNode(String name, Instant renewedAt, String heldBy) {}
