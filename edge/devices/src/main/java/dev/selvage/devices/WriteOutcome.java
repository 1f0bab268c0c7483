package dev.selvage.devices;

/**
 * What became of a write.
 *
 * @param message for people; empty when there is nothing to add
 */
public record WriteOutcome(State state, String message) {
    public enum State {
        /** Taken up, not yet confirmed. */
        PENDING("Pending"),
        /** The device was read back and shows the value. */
        CONFIRMED("Confirmed"),
        /** {@code validUntil} passed before it was executed or confirmed. */
        EXPIRED("Expired"),
        /** The device did not take the value. */
        FAILED("Failed"),
        /** Never tried: another authority, an unknown or read-only property, an impossible value. */
        REFUSED("Refused");

        private final String label;

        State(String label) {
            this.label = label;
        }

        /** As it stands in a Device's status. */
        public String label() {
            return label;
        }
    }

    static WriteOutcome of(State state) {
        return new WriteOutcome(state, "");
    }

    static WriteOutcome refused(String message) {
        return new WriteOutcome(State.REFUSED, message);
    }
}
