package dev.selvage.streams;

import java.util.function.Consumer;

/** Takes rows towards telemetry; the agent puts them into the upload lanes. Called by one thread at a time. */
public interface SampleSink {
    /** Buffered: durable once {@link #sync} returns. An exception means not taken; the row is offered again. */
    void append(Row row);

    /**
     * Tells that between the two times, in milliseconds of Unix time, readings of a namespace's devices may be lost: its windows of that
     * time may be missing, or are partial. Buffered, as {@link #append} is.
     */
    void gap(String namespace, long fromMillis, long toMillis);

    void sync();

    /**
     * The windows that are already in the lanes, as far back as those remember: a superset of what was appended since the
     * last checkpoint, or a window may be doubled after a crash.
     */
    void recent(Consumer<WindowName> seen);
}
