package dev.selvage.fuzz;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a campaign at one door came to.
 *
 * @param answers how many inputs were answered in which way
 * @param slowestInput index of the input that took longest
 * @param heapBefore bytes after a collection, once the door was warm
 */
public record Tally(
        String door,
        long seed,
        long inputs,
        Map<String, Long> answers,
        Duration took,
        Duration slowest,
        long slowestInput,
        long heapBefore,
        long heapAfter) {
    public Tally {
        answers = Map.copyOf(answers);
    }

    @Override
    public String toString() {
        return "%s: seed %d, %,d inputs in %.1f s, slowest %d ms (input %d), heap %+.1f MiB, %s"
                .formatted(
                        door,
                        seed,
                        inputs,
                        took.toMillis() / 1e3,
                        slowest.toMillis(),
                        slowestInput,
                        (heapAfter - heapBefore) / 1048576.0,
                        new TreeMap<>(answers));
    }
}
