package dev.selvage.telemetry;

/**
 * A value of a series over a window.
 *
 * @param startMillis begin of the window, or of the step in a downsampled answer
 * @param endMillis end of the window, or of the step
 * @param partial the value, or one of those it is made of, covers a part of its window only
 * @param count stored points that it is made of
 */
public record Point(Series series, long startMillis, long endMillis, double value, boolean partial, long count) {}
