package dev.selvage.telemetry;

/** One record of an upload lane; its place in the batch gives its sequence, so that one that is no use still has to be passed on. */
public sealed interface LaneRecord permits Sample, Unreadable {}
