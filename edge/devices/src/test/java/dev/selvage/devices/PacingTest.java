package dev.selvage.devices;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How often a lost device is tried and a changed one is told of (design, "Everything is bounded"). */
class PacingTest {
    @Test
    void theFirstRetryIsImmediateAndLaterPausesDoubleUpToTheirLimitWithJitter() {
        Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30), new Random(1));
        assertThat(backoff.failed()).isZero();
        long full = TimeUnit.MILLISECONDS.toNanos(500);
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long pause = backoff.failed();
            assertThat(pause).isBetween(full / 2, full);
            pauses.add(pause);
            full = Math.min(full * 2, TimeUnit.SECONDS.toNanos(30));
        }
        assertThat(pauses.subList(10, 40)).as("jitter").doesNotHaveDuplicates();
        backoff.succeeded();
        assertThat(backoff.failed()).isZero();
    }

    @Test
    void aChangeGoesOutAtOnceAndValuesAloneOnceAMinute() {
        StatusPace pace = new StatusPace(Duration.ofMinutes(1));
        long start = 5;
        assertThat(pace.due(true, true, start)).isTrue();
        pace.published(true, start);
        assertThat(pace.due(false, true, start + TimeUnit.SECONDS.toNanos(59))).isFalse();
        assertThat(pace.due(false, true, start + TimeUnit.SECONDS.toNanos(60))).isTrue();
        assertThat(pace.due(true, false, start + TimeUnit.SECONDS.toNanos(20))).isTrue();
        assertThat(pace.due(false, false, start + TimeUnit.HOURS.toNanos(1))).isFalse();
    }

    @Test
    void aFlappingDeviceCostsTheCentreOneRevisionAMinuteInTheLongRun() {
        StatusPace pace = new StatusPace(Duration.ofMinutes(1));
        int published = 0;
        for (long now = 0; now < TimeUnit.MINUTES.toNanos(30); now += TimeUnit.MILLISECONDS.toNanos(200)) {
            if (pace.due(true, true, now)) {
                pace.published(true, now);
                published++;
            }
        }
        assertThat(published).isBetween(30, 40);
    }
}
