package dev.selvage.telemetry;

import org.jspecify.annotations.Nullable;

/** Which series; null means any. */
public record SeriesFilter(
        @Nullable String namespace,
        @Nullable String source,
        @Nullable String key,
        @Nullable String field,
        @Nullable String node) {
    public static final SeriesFilter EVERYTHING = new SeriesFilter(null, null, null, null, null);

    public static SeriesFilter in(String namespace) {
        return new SeriesFilter(namespace, null, null, null, null);
    }

    boolean matches(Series series) {
        return is(namespace, series.namespace())
                && is(source, series.source())
                && is(key, series.key())
                && is(field, series.field())
                && is(node, series.node());
    }

    private static boolean is(@Nullable String wanted, String found) {
        return wanted == null || wanted.equals(found);
    }
}
