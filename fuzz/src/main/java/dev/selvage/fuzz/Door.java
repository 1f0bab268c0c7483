package dev.selvage.fuzz;

import java.io.IOException;
import java.time.Duration;

/** One way into the product, and an attacker before it. Used by one thread at a time. */
public interface Door extends AutoCloseable {
    String name();

    /**
     * Makes one input of nothing but {@code draw}, and gives it to the product.
     *
     * @return the kind of answer, for the count: {@code 400}, {@code refused}
     * @throws BrokenException when an invariant of the door is broken; any other exception is a finding, too
     */
    String attempt(Draw draw) throws Exception;

    /** An answer that takes longer is a hang. */
    default Duration patience() {
        return Duration.ofSeconds(30);
    }

    /** Bytes of heap that what is behind the door uses after a collection; that of this process unless it says otherwise. */
    default long heap() {
        return Heap.here();
    }

    /** How many bytes {@link #heap()} may grow over a campaign: caches that fill, code that is compiled. */
    default long heapGrowth() {
        return 24L << 20;
    }

    @Override
    default void close() throws IOException {}
}
