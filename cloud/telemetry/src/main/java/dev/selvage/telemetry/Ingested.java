package dev.selvage.telemetry;

/**
 * What became of a batch. It is committed, whole, when this is returned.
 *
 * @param stored records whose points are new
 * @param duplicates records that were there before
 * @param refused records set aside: unreadable, out of range, or beyond the cardinality limit
 * @param missing records between the cursor and the batch that never came: the node dropped them at its limit
 */
public record Ingested(Cursor cursor, int stored, int duplicates, int refused, long missing) {
    public Ingested(Cursor cursor, int stored, int duplicates, int refused) {
        this(cursor, stored, duplicates, refused, 0);
    }
}
