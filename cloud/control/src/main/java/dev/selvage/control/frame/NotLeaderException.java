package dev.selvage.control.frame;

/** Leadership ended: the work in hand is left to the next leader. */
public final class NotLeaderException extends RuntimeException {
    NotLeaderException() {
        super("this server no longer leads the controllers");
    }
}
