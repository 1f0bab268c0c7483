package dev.selvage.model;

/** A part that tells its figures, each limit that it has and how near it is. */
@FunctionalInterface
public interface Measured {
    /** Quick, and without a question to a database: it is called while others wait. */
    void measure(Metrics into);
}
