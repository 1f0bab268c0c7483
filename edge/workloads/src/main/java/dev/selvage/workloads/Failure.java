package dev.selvage.workloads;

/**
 * Why something could not be done.
 *
 * @param reason one of upstream's words: ErrImagePull, CreateContainerConfigError, CreateContainerError, RunContainerError
 * @param retry whether trying again may help
 */
public record Failure(String reason, String message, boolean retry) {
    /** Not yet, and nothing to complain of: the runtime's listener hears when to ask again. */
    public static Failure pending() {
        return new Failure("ContainerCreating", "", true);
    }

    boolean isPending() {
        return message.isEmpty();
    }
}
