package dev.selvage.workloads;

import java.util.OptionalLong;

/**
 * What is wanted of a container's output (upstream's PodLogOptions).
 *
 * @param uid of the pod; empty = whichever pod has that name here
 * @param container may be empty when the pod has only one
 * @param previous the run before the current one
 * @param follow go on until the container ends
 * @param timestamps prefix each line with the time at which the agent saw it: exact to about a second while the agent
 *     runs, later than written for lines that came while it did not, because containers write to their files themselves
 * @param tailLines only so many lines from the end
 * @param sinceMillis only lines seen during the last so many milliseconds
 * @param limitBytes stop after so many bytes
 */
public record LogRequest(
        String namespace,
        String pod,
        String uid,
        String container,
        boolean previous,
        boolean follow,
        boolean timestamps,
        OptionalLong tailLines,
        OptionalLong sinceMillis,
        OptionalLong limitBytes) {
    /** All that is there, of the current run. */
    public static LogRequest of(String namespace, String pod, String container) {
        return new LogRequest(
                namespace,
                pod,
                "",
                container,
                false,
                false,
                false,
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty());
    }
}
