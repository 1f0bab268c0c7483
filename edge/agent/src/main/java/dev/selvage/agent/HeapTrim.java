package dev.selvage.agent;

import java.util.function.LongSupplier;

/**
 * Gives back what a burst took of the machine. The serial collector shrinks the heap in full collections only, and an agent that has become quiet again has none: so one
 * is asked for when the heap has grown and the growth has slowed down to what each young collection leaves behind. That never stops on a busy node: unchecked it fills
 * the heap to its limit.
 */
final class HeapTrim {
    private static final long GROWN = 2 << 20;
    private static final long SLOW = 512 << 10;

    private final LongSupplier committed;
    private final Runnable collect;
    private long settled;
    private long before;

    HeapTrim() {
        this(Runtime.getRuntime()::totalMemory, System::gc);
    }

    /** @param committed bytes of the heap */
    HeapTrim(LongSupplier committed, Runnable collect) {
        this.committed = committed;
        this.collect = collect;
        this.settled = committed.getAsLong();
        this.before = settled;
    }

    /** To be called at a steady pace, once a minute say. */
    void look() {
        long now = committed.getAsLong();
        if (now - before <= SLOW && now - settled > GROWN) {
            collect.run();
            now = committed.getAsLong();
            settled = now;
        }
        settled = Math.min(settled, now);
        before = now;
    }
}
