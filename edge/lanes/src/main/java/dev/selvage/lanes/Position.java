package dev.selvage.lanes;

/** A place in a lane: everything up to and including this record. Later epochs come after all sequences of earlier ones. */
record Position(long epoch, long sequence) implements Comparable<Position> {
    static final Position START = new Position(0, 0);

    /** Beyond it no lane comes by counting; epochs and sequences below it can be added to without overflow. */
    static final long MOST = 1L << 62;

    /** What can come of going on from a possible position. */
    static boolean reachable(long epoch, long sequence) {
        long most = MOST + (MOST >> 1);
        return epoch >= 0 && epoch <= most && sequence >= 0 && sequence <= most;
    }

    static boolean possible(long epoch, long sequence) {
        return epoch >= 0 && epoch <= MOST && sequence >= 0 && sequence <= MOST;
    }

    @Override
    public int compareTo(Position other) {
        return epoch != other.epoch ? Long.compare(epoch, other.epoch) : Long.compare(sequence, other.sequence);
    }
}
