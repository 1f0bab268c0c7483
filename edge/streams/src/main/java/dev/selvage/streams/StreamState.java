package dev.selvage.streams;

/** How a stream fares on this node. */
public enum StreamState {
    RUNNING("Running"),
    /** The Stream carries no plan yet, or a malformed one, and nothing of it ran before. */
    WAITING("Waiting"),
    /** The plan is of a version that this node does not know: what ran before goes on. */
    PLAN_UNKNOWN("PlanUnknown"),
    /** It runs, but its sink refuses rows or a bound was reached. */
    DEGRADED("Degraded"),
    /** Not run: the node runs as many streams as it may. */
    REFUSED("Refused");

    private final String label;

    StreamState(String label) {
        this.label = label;
    }

    /** As it stands in a Stream's status. */
    public String label() {
        return label;
    }
}
