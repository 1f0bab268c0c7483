package dev.selvage.agent;

import java.util.function.LongSupplier;

/**
 * Gives back what a burst took of the machine, and what each young collection leaves behind. The serial collector shrinks the heap in full collections only, and has none
 * before the heap has grown to its limit: with a hundred pods that takes some minutes, again and again. So one is asked for, some 20 ms, whenever the heap has grown.
 */
final class HeapTrim {
    private static final long GROWN = 1 << 20;

    private final LongSupplier committed;
    private final Runnable collect;
    private long settled;

    HeapTrim() {
        this(Runtime.getRuntime()::totalMemory, System::gc);
    }

    /** @param committed bytes of the heap */
    HeapTrim(LongSupplier committed, Runnable collect) {
        this.committed = committed;
        this.collect = collect;
        this.settled = committed.getAsLong();
    }

    /** To be called at a steady pace, which is how often there is a collection at most. */
    void look() {
        if (committed.getAsLong() - settled > GROWN) {
            collect.run();
            settled = committed.getAsLong();
        }
        settled = Math.min(settled, committed.getAsLong());
    }
}
