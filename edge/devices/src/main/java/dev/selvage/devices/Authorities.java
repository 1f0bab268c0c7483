package dev.selvage.devices;

import java.util.Optional;
import java.util.Set;

/** What runs on the node and may write devices; asked when a fail-safe is judged. */
@FunctionalInterface
public interface Authorities {
    /**
     * The device properties that a running Stream reads; an empty set means that they are not known, and all count. Empty
     * when no such Stream runs on the node.
     */
    Optional<Set<String>> inputs(String namespace, String stream);
}
