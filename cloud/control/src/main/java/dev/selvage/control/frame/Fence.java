package dev.selvage.control.frame;

/** Says whether this process may still act as leader. Asked before each write. */
@FunctionalInterface
public interface Fence {
    boolean held();

    /** @throws NotLeaderException when leadership is lost, or cannot be proven to last */
    default void require() {
        if (!held()) {
            throw new NotLeaderException();
        }
    }
}
