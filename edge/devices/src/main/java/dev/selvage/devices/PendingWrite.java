package dev.selvage.devices;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A write on its way to the device. Guarded by its {@link DeviceTwin}. */
final class PendingWrite {
    /** Who wants it, which decides how it is carried out. */
    enum Origin {
        /** Each identity once: read first, and leave the device alone when it has the value already. */
        CENTRE,
        SITE,
        STREAM,
        FAIL_SAFE
    }

    final Origin origin;
    final String by;
    final Object value;
    /** RFC 3339, as the centre wrote it: part of the identity; empty for others. */
    final String identity;

    final long validUntilMillis;
    final CompletableFuture<WriteOutcome> done = new CompletableFuture<>();
    /** What the device should show, once it was sent. */
    @Nullable
    Object expected;
    /** Until when the device may take to show it; by System.nanoTime(). */
    long confirmBy;

    PendingWrite(Origin origin, String by, Object value, String identity, long validUntilMillis) {
        this.origin = origin;
        this.by = by;
        this.value = value;
        this.identity = identity;
        this.validUntilMillis = validUntilMillis;
    }

    boolean sent() {
        return expected != null;
    }

    boolean expired(long nowMillis) {
        return nowMillis > validUntilMillis;
    }
}
