package dev.selvage.sim.net;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The faults that are still to come, each for one message of the first connection that reaches it. */
final class Plan {
    private record Planned(Direction direction, int message, Fault fault) {}

    private final List<Planned> planned = new ArrayList<>();

    synchronized void add(Direction direction, int message, Fault fault) {
        planned.add(new Planned(direction, message, fault));
    }

    /** Takes what is planned for that message. */
    synchronized Optional<Fault> take(Direction direction, int message) {
        for (Planned each : planned) {
            if (each.direction() == direction && each.message() == message) {
                planned.remove(each);
                return Optional.of(each.fault());
            }
        }
        return Optional.empty();
    }

    synchronized int pending() {
        return planned.size();
    }

    synchronized void clear() {
        planned.clear();
    }
}
