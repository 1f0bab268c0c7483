package dev.selvage.agent;

/**
 * Gives back what a burst took of the machine. The serial collector shrinks the heap in full collections only, and an agent that has become quiet again has none: so one
 * is asked for when the heap has grown and then stood still from one look to the next.
 */
final class HeapTrim {
    private static final long GROWN = 2 << 20;

    private long settled = Runtime.getRuntime().totalMemory();
    private long before = settled;

    void look() {
        long now = Runtime.getRuntime().totalMemory();
        if (now == before && now - settled > GROWN) {
            System.gc();
            now = Runtime.getRuntime().totalMemory();
            settled = now;
        }
        settled = Math.min(settled, now);
        before = now;
    }
}
