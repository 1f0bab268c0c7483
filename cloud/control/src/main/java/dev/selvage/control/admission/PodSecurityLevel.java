package dev.selvage.control.admission;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How much a pod may do to its node (upstream: Pod Security Standards). */
enum PodSecurityLevel {
    PRIVILEGED,
    BASELINE,
    RESTRICTED;

    static Optional<PodSecurityLevel> of(String name) {
        return Arrays.stream(values())
                .filter(level -> level.toString().equals(name))
                .findFirst();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
