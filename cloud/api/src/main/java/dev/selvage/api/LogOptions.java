package dev.selvage.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What of a log is wanted, as upstream's PodLogOptions.
 *
 * @param container never empty: the API resolves the pod's only or default container
 * @param previous the log of the container's previous run
 * @param timestamps each line begins with its RFC 3339 time
 * @param tailLines only so many lines from the end; null is all
 * @param since only lines younger than this; null is all
 * @param limitBytes end after so many bytes; null is no limit
 */
public record LogOptions(
        String container,
        boolean follow,
        boolean previous,
        boolean timestamps,
        @Nullable Long tailLines,
        @Nullable Duration since,
        @Nullable Long limitBytes) {}
