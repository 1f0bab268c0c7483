package dev.selvage.api;

/** The node that would have to answer is not linked; the message names it and is shown to the user. */
public final class NodeUnreachableException extends Exception {
    public NodeUnreachableException(String message) {
        super(message);
    }
}
