package dev.selvage.hub;

/** The node that would have to answer is not linked to this hub, or does not answer; the message names it. */
public final class NodeNotLinkedException extends Exception {
    private static final long serialVersionUID = 1L;

    NodeNotLinkedException(String message) {
        super(message);
    }
}
