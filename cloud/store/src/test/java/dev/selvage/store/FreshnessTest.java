package dev.selvage.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Kubernetes API concepts, "resourceVersion unset: most recent": what was committed before a read was asked for is in it. */
class FreshnessTest {
    private final AtomicLong revision = new AtomicLong(1);
    private final AtomicInteger questions = new AtomicInteger();
    private final Semaphore begun = new Semaphore(0);
    private final Semaphore answers = new Semaphore(0);
    private final Freshness freshness = new Freshness(this::ask);

    @Test
    void whoComesWhileAQuestionIsUnderWayIsAnsweredByTheNextOneAndSharesIt() throws Exception {
        ConcurrentLinkedQueue<Long> first = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Long> later = new ConcurrentLinkedQueue<>();
        Thread asker = Thread.startVirtualThread(() -> first.add(freshness.committed()));
        begun.acquire(); // it has read revision 1, and is on its way
        revision.set(2);
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            others.add(Thread.startVirtualThread(() -> later.add(freshness.committed())));
        }
        Poll.until(() -> others.stream().allMatch(FreshnessTest::waits));
        answers.release(2);
        asker.join();
        for (Thread other : others) {
            other.join();
        }
        assertThat(first).containsExactly(1L);
        assertThat(later).hasSize(50).containsOnly(2L);
        assertThat(questions).hasValue(2);
    }

    @Test
    void aDatabaseThatCannotSayIsToldToWhoAskedAndTheNextQuestionIsAskedAnew() {
        answers.release(2);
        revision.set(-1);
        assertThatThrownBy(freshness::committed)
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessage("gone");
        revision.set(7);
        assertThat(freshness.committed()).isEqualTo(7);
    }

    private static boolean waits(Thread thread) {
        return thread.getState() == Thread.State.WAITING;
    }

    private long ask() {
        questions.incrementAndGet();
        long now = revision.get();
        begun.release();
        answers.acquireUninterruptibly();
        if (now < 0) {
            throw new StoreUnavailableException("gone");
        }
        return now;
    }
}
