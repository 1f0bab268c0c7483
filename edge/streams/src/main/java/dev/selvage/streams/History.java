package dev.selvage.streams;

import dev.selvage.model.plan.Plan;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What streams that do not run at present have emitted: a stream that is changed, or deleted and made again, must not emit a
 * window of the same name twice. Bounded: the streams longest unheard of are forgotten.
 */
final class History {
    private static final int MAX_STREAMS = 1_000;
    private static final int MAX_NAMES = 1_000_000;

    private record Source(String namespace, String source) {}

    private final StreamsConfig config;
    private final Map<Source, Emitted> bySource = new LinkedHashMap<>();
    private final Set<WindowName> names = new HashSet<>();

    History(StreamsConfig config) {
        this.config = config;
    }

    /** Hears of a window in the lanes. */
    void seen(WindowName name) {
        if (name.source().startsWith("stream/") && names.size() < MAX_NAMES && names.add(name)) {
            bySource.computeIfAbsent(
                            new Source(name.namespace(), name.source()),
                            s -> new Emitted(config.lookAhead().toMillis()))
                    .add(name.endMillis());
        }
    }

    boolean emitted(WindowName name) {
        return names.contains(name);
    }

    /** The single names are needed only while a checkpoint is restored. */
    void forgetNames() {
        names.clear();
    }

    /** A new run's memory, with what its predecessors emitted. */
    Emitted of(StreamRun.Identity identity, Plan plan) {
        Emitted emitted = StreamRun.emitted(plan, config);
        Emitted before = bySource.get(new Source(identity.namespace(), identity.source()));
        if (before != null) {
            before.ranges().forEach(emitted::add);
        }
        return emitted;
    }

    void remember(StreamRun run) {
        bySource.put(new Source(run.identity().namespace(), run.identity().source()), run.emitted());
        if (bySource.size() > MAX_STREAMS) {
            bySource.remove(bySource.keySet().iterator().next());
        }
    }
}
