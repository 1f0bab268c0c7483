package dev.selvage.workloads;

/** The agent lacks open files or memory: what it then cannot see has not gone, and a probe that it cannot make says nothing of the container. */
final class OwnLimitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private OwnLimitException(String message) {
        super(message);
    }

    /** Throws when the reason why something failed is a limit of the agent itself (errno(3): EMFILE, ENFILE, ENOMEM, ENOBUFS). */
    static void check(@org.jspecify.annotations.Nullable String reason) {
        if (reason != null
                && (reason.contains("Too many open files")
                        || reason.contains("Cannot allocate memory")
                        || reason.contains("No buffer space available"))) {
            throw new OwnLimitException(reason);
        }
    }
}
