package dev.selvage.model.plan;

/** Where a stream's rows go. */
public sealed interface Sink {

    /** To telemetry, by an upload lane. */
    record Uplink(String lane) implements Sink {
        public Uplink {
            if (!lane.equals("live") && !lane.equals("alarm")) {
                throw new IllegalArgumentException("lane \"" + lane + "\": accepted are live, alarm");
            }
        }
    }

    /** To writable properties of the row's device. */
    record Property() implements Sink {}
}
