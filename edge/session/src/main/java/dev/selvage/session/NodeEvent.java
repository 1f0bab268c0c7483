package dev.selvage.session;

import dev.selvage.model.ObjectKey;
import java.time.Instant;

/** Something that happened to an object on this node; becomes an Event at the centre, where equal ones are counted. */
public record NodeEvent(ObjectKey key, String uid, boolean warning, String reason, String message, Instant at) {}
