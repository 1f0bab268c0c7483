package dev.selvage.identity;

import java.util.List;

/** What became of a step of the CA's rotation. */
public sealed interface Rotation {
    /**
     * @param newest name of the newest CA
     * @param lockedOut nodes that do not know it and are locked out from now on
     */
    record Done(String newest, List<BehindNode> lockedOut) implements Rotation {
        public Done {
            lockedOut = List.copyOf(lockedOut);
        }
    }

    /** The step does not fit the state of things; the message says what does. */
    record Refused(String message) implements Rotation {}

    /** Nothing was done: these nodes would be locked out. */
    record LocksOut(String newest, List<BehindNode> nodes) implements Rotation {
        public LocksOut {
            nodes = List.copyOf(nodes);
        }
    }
}
