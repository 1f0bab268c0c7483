package dev.selvage.lanes;

/** An upload lane; order is promised within a lane only. Declared from the most to the least precious. */
public enum Lane {
    /** Alarms: never dropped while any telemetry remains. */
    ALARM,
    /** Telemetry taken while the node is linked. */
    LIVE,
    /** Telemetry taken while the node is not linked; it follows when the link has room. */
    BACKLOG
}
