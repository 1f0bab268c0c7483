package dev.selvage.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** design.md "Everything is bounded", and the agent's watchdog: a failing part is tried again, the others go on. */
class SupervisorTest {
    private final Supervisor supervisor = new Supervisor(Duration.ofMillis(1));

    @AfterEach
    void close() {
        supervisor.close();
    }

    @Test
    void aStepThatFailsIsTriedAgainAndItsHealthTellsUntilItWorks() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch broken = new CountDownLatch(1);
        CountDownLatch repaired = new CountDownLatch(1);
        supervisor.every("part", Duration.ofMillis(1), () -> {
            if (runs.incrementAndGet() <= 3) {
                throw new IOException("no disk");
            }
            broken.countDown();
            repaired.await();
        });
        assertThat(broken.await(30, TimeUnit.SECONDS)).isTrue();
        Supervisor.Health health = Objects.requireNonNull(supervisor.health().get("part"));
        assertThat(health.working()).isFalse();
        assertThat(health.failures()).isEqualTo(3);
        assertThat(health.message()).isEqualTo("no disk");
        repaired.countDown();
        Eventually.holds(supervisor::allWorking);
    }

    @Test
    void anErrorInOnePartLeavesAnotherRunning() {
        supervisor.every("bad", Duration.ofMillis(1), () -> {
            throw new StackOverflowError("deep");
        });
        AtomicInteger good = new AtomicInteger();
        supervisor.every("good", Duration.ofMillis(1), good::incrementAndGet);
        Eventually.holds(() -> good.get() > 10);
        assertThat(supervisor.allWorking()).isFalse();
    }

    @Test
    void aPartThatRanOutOfMemoryOnceGoesOn() {
        AtomicInteger runs = new AtomicInteger();
        supervisor.every("part", Duration.ofMillis(1), () -> {
            if (runs.incrementAndGet() == 1) {
                throw new OutOfMemoryError("for once");
            }
        });
        Eventually.holds(() -> runs.get() > 2);
    }

    @Test
    void aPartThatCannotBeOpenedIsOpenedLater() {
        AtomicInteger attempts = new AtomicInteger();
        AtomicBoolean free = new AtomicBoolean();
        AtomicInteger told = new AtomicInteger();
        Supervisor.Part<String> part = new Supervisor.Part<>();
        supervisor.open(
                "door",
                part,
                () -> {
                    attempts.incrementAndGet();
                    if (!free.get()) {
                        throw new IOException("port in use");
                    }
                    return "open";
                },
                value -> told.incrementAndGet());
        Eventually.holds(() -> attempts.get() >= 2);
        assertThat(part.get()).isEmpty();
        assertThat(supervisor.allWorking()).isFalse();
        free.set(true);
        Eventually.holds(() -> part.get().isPresent());
        Eventually.holds(() -> told.get() == 1 && supervisor.allWorking());
    }

    @Test
    void notesAreKeptToABound() {
        for (int i = 0; i < 30; i++) {
            supervisor.note("note " + i);
        }
        assertThat(supervisor.notes()).hasSize(20).last().asString().endsWith("note 29");
    }
}
