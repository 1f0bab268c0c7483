package dev.selvage.telemetry;

import java.time.Duration;
import java.util.Optional;

/** What is wrong with a record; it says so in a few words that are also the name it is counted by. */
final class SampleCheck {
    private static final int MAX_NAME = 253;
    private static final int MAX_FIELDS = 64;

    private SampleCheck() {}

    static Optional<String> fault(LaneRecord record, long nowMillis, Duration retention, Duration maxFuture) {
        return switch (record) {
            case Unreadable _ -> Optional.of("unreadable");
            case Sample sample -> fault(sample, nowMillis, retention, maxFuture);
        };
    }

    private static Optional<String> fault(Sample sample, long now, Duration retention, Duration maxFuture) {
        if ((!sample.namespace().isEmpty() && bad(sample.namespace())) || bad(sample.source()) || bad(sample.key())) {
            return Optional.of("bad name");
        }
        if (sample.values().isEmpty() || sample.values().size() > MAX_FIELDS) {
            return Optional.of("number of fields");
        }
        if (sample.values().keySet().stream().anyMatch(SampleCheck::bad)) {
            return Optional.of("bad name");
        }
        if (!sample.values().values().stream().allMatch(Double::isFinite)) {
            return Optional.of("not a finite number");
        }
        if (sample.startMillis() < 0 || sample.endMillis() < sample.startMillis()) {
            return Optional.of("times in the wrong order");
        }
        if (sample.endMillis() > now + maxFuture.toMillis()) {
            return Optional.of("too far in the future");
        }
        return sample.endMillis() < now - retention.toMillis()
                ? Optional.of("older than the retention")
                : Optional.empty();
    }

    private static boolean bad(String name) {
        return name.isEmpty()
                || name.length() > MAX_NAME
                || name.chars().anyMatch(c -> c < ' ' || Character.isSurrogate((char) c));
    }
}
