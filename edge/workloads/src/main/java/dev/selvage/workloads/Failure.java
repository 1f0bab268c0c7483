package dev.selvage.workloads;

/**
 * Why something could not be done.
 *
 * @param reason one of upstream's words: ErrImagePull, CreateContainerConfigError, CreateContainerError, RunContainerError
 * @param retry whether trying again may help
 */
public record Failure(String reason, String message, boolean retry) {}
