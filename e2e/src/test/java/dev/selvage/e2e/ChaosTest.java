package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.bench.Context;
import dev.selvage.bench.chaos.Chaos;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Issue 3, fault 1, in short; {@code ./selvage bench chaos} is the long one. The seed is printed; {@code -Dchaos.seed=N} repeats it, {@code -Dchaos.rounds=N} takes
 * another number of rounds.
 */
class ChaosTest {
    /** The long one of the suite: it begins among the first. */
    private static final int ROUNDS = 40;

    @Test
    void nothingAcknowledgedIsLostNoWindowIsDoubledOrSilentlyMissingAndNoPodRestartsWhateverIsKilled()
            throws Exception {
        Context context = new Context(
                Selvage.root(),
                Path.of(System.getProperty("java.home")),
                Duration.ZERO,
                Long.getLong("chaos.seed", System.nanoTime() & 0xffff_ffffL),
                Integer.getInteger("chaos.rounds", ROUNDS),
                false,
                System.out);
        Chaos.Outcome outcome = Chaos.run(context, context.seed(), context.rounds());
        System.out.println("chaos, seed " + outcome.seed() + ": " + outcome.counts());
        assertThat(outcome.violations())
                .as("seed %d, %d violations", outcome.seed(), outcome.violated())
                .isEmpty();
        assertThat(outcome.counts()).allSatisfy((name, count) -> {
            if (name.startsWith("killed") || name.startsWith("writes ack") || name.equals("windows")) {
                assertThat(count).as(name).isPositive();
            }
        });
    }
}
