package dev.selvage.streams;

/** Identity of a window; it is emitted once, ever. */
public record WindowName(String namespace, String source, String key, long endMillis) {}
