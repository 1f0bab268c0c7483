package dev.selvage.api;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One line of {@code /readyz?verbose}.
 *
 * @param name as in {@code /readyz/NAME}
 * @param live whether a restart would help: then {@code /livez} and {@code /healthz} ask it, too
 * @param fault why the check fails, empty when it does not; quick, and without a question to a database
 */
public record HealthCheck(String name, boolean live, Supplier<Optional<String>> fault) {
    public static HealthCheck ready(String name, BooleanSupplier holds, String fault) {
        return new HealthCheck(name, false, () -> holds.getAsBoolean() ? Optional.empty() : Optional.of(fault));
    }

    public static HealthCheck live(String name, BooleanSupplier holds, String fault) {
        return new HealthCheck(name, true, () -> holds.getAsBoolean() ? Optional.empty() : Optional.of(fault));
    }
}
