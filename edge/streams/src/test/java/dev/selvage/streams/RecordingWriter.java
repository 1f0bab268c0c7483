package dev.selvage.streams;

import dev.selvage.model.WriteAuthority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Remembers writes as text. */
final class RecordingWriter implements PropertyWriter {
    final List<String> writes = new ArrayList<>();
    String refusal = "";

    @Override
    public String write(
            String namespace,
            String device,
            String property,
            Object value,
            WriteAuthority authority,
            long validUntilMillis) {
        writes.add(device + "." + property + "=" + value + " by " + authority + " until " + validUntilMillis);
        return refusal;
    }

    @Override
    public Duration refresh(String namespace, String device, String property) {
        return Duration.ofMillis(1_500);
    }
}
