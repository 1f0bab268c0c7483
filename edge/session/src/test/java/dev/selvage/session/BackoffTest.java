package dev.selvage.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Design "Link": "Reconnect: exponential with full jitter over all known hubs". */
class BackoffTest {
    @Test
    void waitsSpreadFromZeroToABoundThatDoublesUpToItsLimit() {
        var random = new Random(3);
        for (int attempt = 0; attempt < 10; attempt++) {
            Duration bound = Duration.ofMillis(Math.min(100L << attempt, 2_000));
            Duration shortest = bound;
            Duration longest = Duration.ZERO;
            for (int node = 0; node < 500; node++) {
                var backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), random);
                for (int i = 0; i < attempt; i++) {
                    backoff.next();
                }
                Duration wait = backoff.next();
                shortest = wait.compareTo(shortest) < 0 ? wait : shortest;
                longest = wait.compareTo(longest) > 0 ? wait : longest;
            }
            assertThat(longest)
                    .isLessThanOrEqualTo(bound)
                    .isGreaterThan(bound.multipliedBy(9).dividedBy(10));
            assertThat(shortest).isLessThan(bound.dividedBy(10));
        }
    }

    @Test
    void nodesThatWereToldTheSameTimeDoNotComeAtTheSameTime() {
        var backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), new Random(3));
        assertThat(backoff.comeBackIn(Duration.ofSeconds(4)))
                .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(5))
                .isNotEqualTo(backoff.comeBackIn(Duration.ofSeconds(4)));
    }

    /** Issue 3, 9: "A node that … lies … is contained"; so is a hub: one that is wrong must not lose its nodes. */
    @Test
    void aHubCannotSendANodeAwayForLongerThanTenOfItsLongestWaits() {
        var backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), new Random(3));
        assertThat(backoff.comeBackIn(Duration.ofDays(49))).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(25));
    }
}
