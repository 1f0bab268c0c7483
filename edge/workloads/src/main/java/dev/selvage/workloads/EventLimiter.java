package dev.selvage.workloads;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** The same event of a pod passes at most once a minute: a probe that fails each second must not flood the link. */
final class EventLimiter {
    private static final Duration REPEAT = Duration.ofMinutes(1);
    private static final int KNOWN = 64;

    private final Map<String, Instant> told = new LinkedHashMap<>();

    synchronized boolean passes(String reason, String message, Instant now) {
        String event = reason + " " + message;
        Instant before = told.get(event);
        if (before != null && now.isBefore(before.plus(REPEAT))) {
            return false;
        }
        told.remove(event);
        told.put(event, now);
        if (told.size() > KNOWN) {
            told.remove(told.keySet().iterator().next());
        }
        return true;
    }
}
