package dev.selvage.lanes;

/** A place in a lane: everything up to and including this record. Later epochs come after all sequences of earlier ones. */
record Position(long epoch, long sequence) implements Comparable<Position> {
    static final Position START = new Position(0, 0);

    @Override
    public int compareTo(Position other) {
        return epoch != other.epoch ? Long.compare(epoch, other.epoch) : Long.compare(sequence, other.sequence);
    }
}
