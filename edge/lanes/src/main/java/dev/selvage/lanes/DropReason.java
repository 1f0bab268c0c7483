package dev.selvage.lanes;

/** Why a record did not, or will not, reach the centre. */
public enum DropReason {
    /** The lane reached its own bound; its oldest segment went. */
    LANE_FULL(0),
    /** All lanes together reached their bound; the oldest segment of the least precious lane went. */
    TOTAL_FULL(1),
    /** The disk refused to take or to sync the record (full, read-only, failing). */
    DISK(2),
    /** The record is larger than {@link LanesConfig#maxRecordBytes()}. */
    TOO_LARGE(3),
    /** The record was on disk and its checksum no longer holds. */
    CORRUPT(4);

    /** Where the count stands in the state file; never reused. */
    final int slot;

    DropReason(int slot) {
        this.slot = slot;
    }
}
