package dev.selvage.agent;

import java.time.Instant;

/**
 * How the link fares.
 *
 * @param hub the hub it was last linked to; empty before the first
 * @param since when it came to be as it is
 */
record LinkState(boolean linked, String hub, Instant since, String message) {
    static LinkState none(String message) {
        return new LinkState(false, "", Instant.now(), message);
    }
}
