package dev.selvage.bench.chaos;

/**
 * A part was killed and started again, in milliseconds of Unix time.
 *
 * @param killed just before the signal
 * @param startBegun just before its last start
 * @param back when that start said that it answers
 */
record Outage(String part, long killed, long startBegun, long back) {
    boolean touches(long from, long to) {
        return killed < to && back > from;
    }
}
