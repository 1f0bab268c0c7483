package dev.selvage.control.node;

import java.util.List;
import java.util.Optional;

/**
 * What one look at the heartbeats says.
 *
 * @param lost nodes to mark unreachable now
 * @param silent nodes that never sent a heartbeat, to mark likewise
 * @param returned nodes marked unreachable whose heartbeats are back
 * @param frozen why nodes that look lost are not marked now
 */
record Verdict(List<String> lost, List<String> silent, List<String> returned, Optional<Freeze> frozen) {

    /** @param mass whether nodes fell silent together; else the centre itself has only just come (back) */
    record Freeze(boolean mass, String words) {}
}
