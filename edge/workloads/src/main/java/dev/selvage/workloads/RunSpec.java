package dev.selvage.workloads;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * All that a runtime needs to start one run; nothing in it refers to the API any more.
 *
 * @param command never empty for runtimes whose images have no entry point
 * @param workingDir empty = the image's, or /
 * @param environment complete, values resolved and expanded
 * @param hostname inside the container
 */
public record RunSpec(
        RunId id,
        String image,
        List<String> command,
        List<String> args,
        String workingDir,
        Map<String, String> environment,
        String hostname,
        List<Mount> mounts,
        Limits limits,
        User user,
        Security security,
        Terminal terminal) {
    /** A directory or file of the host inside the container. */
    public record Mount(Path source, String target, boolean readOnly) {}

    /**
     * @param cpuMillis hard limit in thousandths of a core
     * @param cpuRequestMillis weight under contention
     * @param memoryBytes hard limit; beyond it the container is killed
     */
    public record Limits(OptionalLong cpuMillis, OptionalLong cpuRequestMillis, OptionalLong memoryBytes) {}

    /**
     * Identity inside the container.
     *
     * @param uid {@link #OF_IMAGE} where the pod names none and the runtime takes the image's
     * @param nonRoot a container that would run as root must not start
     */
    public record User(int uid, int gid, List<Integer> groups, boolean nonRoot) {
        public static final int OF_IMAGE = -1;

        /** The user that owns nothing. */
        public static final int NOBODY = 65534;
    }

    /**
     * What of core/v1 SecurityContext goes beyond the user; runtimes that allow none of it ignore it.
     *
     * @param seccomp RuntimeDefault, Unconfined, or empty
     */
    public record Security(
            boolean privileged,
            boolean readOnlyRoot,
            boolean escalation,
            List<String> addCapabilities,
            List<String> dropCapabilities,
            String seccomp) {
        public static final Security NONE = new Security(false, true, false, List.of(), List.of(), "");
    }

    /**
     * @param tty standard streams are a terminal
     * @param stdin standard input stays open
     */
    public record Terminal(boolean tty, boolean stdin) {
        public static final Terminal NONE = new Terminal(false, false);
    }
}
