package dev.selvage.telemetry;

/**
 * A record that is no sample. It is set aside and counted, and the lane goes on.
 *
 * @param raw what came; its beginning is kept
 */
@SuppressWarnings("ArrayRecordComponent") // passed through, never compared
public record Unreadable(byte[] raw, String reason) implements LaneRecord {}
