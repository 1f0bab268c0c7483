package dev.selvage.fuzz;

/** An invariant of a door is broken. */
public final class BrokenException extends Exception {
    BrokenException(String message) {
        super(message);
    }
}
