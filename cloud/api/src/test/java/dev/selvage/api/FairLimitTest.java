package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Issue 3, 9: a tenant's flood does not delay another's. */
@Timeout(60)
class FairLimitTest {
    private static final Duration LONG = Duration.ofSeconds(50);
    private static final Flow GREEN = new Flow("admin", "green");
    private static final Flow BLUE = new Flow("admin", "blue");
    private static final Flow OTHER = new Flow("other", "green");

    private final List<Thread> waiting = new ArrayList<>();

    private void wait(FairLimit limit, Flow flow, Runnable granted) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().start(() -> {
            begun.countDown();
            try (FairLimit.Permit _ = limit.take(flow, 1)) {
                granted.run();
            }
        });
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
            Thread.onSpinWait();
        }
        waiting.add(thread);
    }

    @Test
    void whoHasTakenHisShareWaitsWhileAnotherNamespaceAndAnotherUserAreServedAtOnce() throws InterruptedException {
        FairLimit limit = new FairLimit("seats", new FairLimit.Shares(8, 4, 2, 10, LONG));
        FairLimit.Permit first = limit.take(GREEN, 1);
        FairLimit.Permit second = limit.take(GREEN, 1);
        CountDownLatch served = new CountDownLatch(1);
        wait(limit, GREEN, served::countDown);
        try (FairLimit.Permit _ = limit.take(BLUE, 1);
                FairLimit.Permit _ = limit.take(OTHER, 1)) {
            assertThat(served.getCount()).isEqualTo(1);
            assertThat(limit.used()).isEqualTo(4);
        }
        first.close();
        assertThat(served.await(30, TimeUnit.SECONDS)).isTrue();
        second.close();
        ended(limit);
    }

    @Test
    void oneUserInManyNamespacesCannotTakeMoreThanHisShare() throws InterruptedException {
        FairLimit limit = new FairLimit("seats", new FairLimit.Shares(4, 2, 2, 10, LONG));
        FairLimit.Permit first = limit.take(new Flow("admin", "a"), 1);
        FairLimit.Permit second = limit.take(new Flow("admin", "b"), 1);
        wait(limit, new Flow("admin", "c"), () -> {});
        try (FairLimit.Permit _ = limit.take(OTHER, 1)) {
            assertThat(limit.used()).isEqualTo(3);
        }
        first.close();
        second.close();
        ended(limit);
    }

    @Test
    void whatComesFreeGoesInTurnHoweverLongTheQueueOfOneIs() throws InterruptedException {
        FairLimit limit = new FairLimit("seats", new FairLimit.Shares(1, 1, 1, 10, LONG));
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        FairLimit.Permit held = limit.take(GREEN, 1);
        for (int i = 0; i < 6; i++) {
            wait(limit, GREEN, () -> order.add("green"));
        }
        wait(limit, BLUE, () -> order.add("blue"));
        wait(limit, OTHER, () -> order.add("other"));
        held.close();
        ended(limit);
        assertThat(order).hasSize(8);
        assertThat(order.indexOf("other")).as("%s", order).isLessThanOrEqualTo(1);
        assertThat(order.indexOf("blue")).as("%s", order).isLessThanOrEqualTo(3);
    }

    @Test
    void whoHasTooManyWaitingIsToldWhenToComeBackAndOthersAreNot() throws InterruptedException {
        FairLimit limit = new FairLimit("seats", new FairLimit.Shares(2, 1, 1, 1, LONG));
        FairLimit.Permit held = limit.take(GREEN, 1);
        wait(limit, GREEN, () -> {});
        assertThatThrownBy(() -> limit.take(GREEN, 1)).isInstanceOfSatisfying(ApiFailure.class, failure -> {
            assertThat(failure.code()).isEqualTo(429);
            assertThat(failure.retryAfterSeconds()).isEqualTo(1);
        });
        limit.take(OTHER, 1).close();
        assertThat(limit.refused()).isEqualTo(1);
        held.close();
        ended(limit);
    }

    @Test
    void whoWaitsTooLongIsRefusedAndLeavesNothingBehind() {
        FairLimit limit = new FairLimit("seats", new FairLimit.Shares(1, 1, 1, 5, Duration.ofMillis(20)));
        FairLimit.Permit held = limit.take(GREEN, 1);
        assertThatThrownBy(() -> limit.take(GREEN, 1)).hasMessageContaining("too many seats at once");
        held.close();
        limit.take(GREEN, 1).close();
        assertThat(limit.used()).isZero();
    }

    @Test
    void aHeavyRequestIsNotOvertakenForEverByLightOnes() throws InterruptedException {
        FairLimit limit = new FairLimit("bytes", new FairLimit.Shares(10, 10, 10, 10, LONG));
        FairLimit.Permit held = limit.take(new Flow("third", ""), 8);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        Thread heavy = Thread.ofPlatform().start(() -> {
            try (FairLimit.Permit _ = limit.take(BLUE, 10)) {
                order.add("heavy");
            }
        });
        while (heavy.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        wait(limit, OTHER, () -> order.add("light"));
        wait(limit, OTHER, () -> order.add("light"));
        assertThat(order).isEmpty();
        held.close();
        heavy.join();
        ended(limit);
        assertThat(order).startsWith("heavy").hasSize(3);
    }

    private void ended(FairLimit limit) throws InterruptedException {
        for (Thread thread : waiting) {
            thread.join();
        }
        assertThat(limit.used()).isZero();
    }
}
