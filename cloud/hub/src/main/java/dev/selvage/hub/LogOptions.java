package dev.selvage.hub;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What of a log is wanted (upstream's PodLogOptions).
 *
 * @param container empty: the pod's only one
 * @param tailLines null is all
 * @param since only lines younger than this, by the node's clock; null is all
 * @param limitBytes null is no limit
 */
public record LogOptions(
        String container,
        boolean follow,
        boolean previous,
        boolean timestamps,
        @Nullable Long tailLines,
        @Nullable Duration since,
        @Nullable Long limitBytes) {
    /** The whole log of the pod's only container. */
    public static final LogOptions ALL = new LogOptions("", false, false, false, null, null, null);
}
