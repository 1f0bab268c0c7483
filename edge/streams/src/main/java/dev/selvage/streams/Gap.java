package dev.selvage.streams;

import java.io.IOException;
import java.util.Set;

/**
 * The time around a restart in which readings may be lost without a trace, from where the run before had kept everything to
 * where the devices are read again. It is told to telemetry before the mark moves on, so that a window is never missing
 * silently: not even when the agent is killed again meanwhile, for then the next start tells of the whole time.
 */
final class Gap {
    /** A device that has neither answered nor been given up by then does not hold up the others. */
    private static final long LIMIT = 30_000;

    private final KeptMark mark;
    private final long openedAt;
    private boolean open;
    private boolean resumed;

    private Gap(KeptMark mark, long openedAt) {
        this.mark = mark;
        this.openedAt = openedAt;
        open = mark.before().isPresent();
    }

    static Gap open(StreamsConfig config) throws IOException {
        return new Gap(KeptMark.open(config.directory()), config.clock().millis());
    }

    /** The devices are read again. */
    void resumed() {
        resumed = true;
    }

    /** Tells of the gap once it has ended, to those whose streams send rows up. */
    void tell(long now, Set<String> namespaces, SampleSink samples) {
        boolean ended = resumed || Math.abs(now - openedAt) >= LIMIT;
        if (open && ended) {
            long from = mark.before().orElse(now);
            namespaces.forEach(namespace -> samples.gap(namespace, Math.min(from, now), Math.max(from, now)));
            samples.sync();
            open = false;
        }
    }

    /** Everything that was read until then is kept. */
    void kept(long millis) throws IOException {
        if (!open) {
            mark.move(millis);
        }
    }
}
