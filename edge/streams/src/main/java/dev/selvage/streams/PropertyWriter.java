package dev.selvage.streams;

import dev.selvage.model.WriteAuthority;
import java.time.Duration;

/** Writes device properties; must not block. */
public interface PropertyWriter {
    /**
     * @param value Double, Long, Boolean or String
     * @param validUntilMillis not executed later than this
     * @return empty when it was taken up, else why not
     */
    String write(
            String namespace,
            String device,
            String property,
            Object value,
            WriteAuthority authority,
            long validUntilMillis);

    /** How often an unchanged value is written again, so that the property's fail-safe does not apply: well below it. */
    default Duration refresh(String namespace, String device, String property) {
        return Duration.ofSeconds(1);
    }
}
