package dev.selvage.lanes;

/** Why a record did not, or will not, reach the centre. */
public enum DropReason {
    /** The lane reached its own bound; its oldest segment went. */
    LANE_FULL,
    /** All lanes together reached their bound; the oldest segment of the least precious lane went. */
    TOTAL_FULL,
    /** The disk refused to take or to sync the record (full, read-only, failing). */
    DISK,
    /** The record is larger than {@link LanesConfig#maxRecordBytes()}. */
    TOO_LARGE,
    /** The record was on disk and its checksum no longer holds. */
    CORRUPT
}
