package dev.selvage.control.gc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Json;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Upstream: Events live one hour (kube-apiserver, event-ttl). */
class ExpiryTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @Test
    void anEventIsOldAnHourAfterItLastHappened() {
        assertThat(old("2026-11-21T10:00:00Z", "2026-11-21T11:30:00Z")).isFalse();
        assertThat(old("2026-11-21T10:00:00Z", "2026-11-21T10:59:59Z")).isTrue();
    }

    @Test
    void aNodeWhoseClockIsAheadCannotKeepItsEventsForEver() {
        assertThat(old("2026-11-21T10:00:00Z", "2031-01-01T00:00:00Z")).isTrue();
    }

    @Test
    void aNodeWhoseClockIsBehindDoesNotLoseItsEventsAtOnce() {
        assertThat(old("2026-11-21T11:30:00Z", "1970-01-01T00:00:00Z")).isFalse();
    }

    private static boolean old(String created, String last) {
        return Expiry.oldEvent(
                Json.parseObject("{\"metadata\":{\"creationTimestamp\":\"" + created + "\"},\"lastTimestamp\":\"" + last
                        + "\"}"),
                NOW);
    }
}
