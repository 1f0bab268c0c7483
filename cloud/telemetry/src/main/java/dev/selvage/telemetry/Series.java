package dev.selvage.telemetry;

/** One line of numbers over time. */
public record Series(long id, String namespace, String source, String key, String field, String node) {}
