package dev.selvage.model;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations in resources: {@code 200ms}, {@code 5s}, {@code 10m}, {@code 1h30m}; the units are ms, s, m, h, d. */
public final class Durations {
    public static final String ACCEPTED = "a duration such as 200ms, 5s, 10m, 1h30m";

    private static final Pattern WHOLE = Pattern.compile("(?:\\d{1,9}(?:\\.\\d{1,9})?(?:ms|s|m|h|d)){1,5}");
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h|d)");

    private Durations() {}

    /** Empty when the text is no duration. */
    public static Optional<Duration> parse(String text) {
        if (!WHOLE.matcher(text).matches()) {
            return Optional.empty();
        }
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            long nanos = new BigDecimal(part.group(1))
                    .multiply(BigDecimal.valueOf(unitMillis(part.group(2))))
                    .movePointRight(6)
                    .toBigInteger()
                    .min(java.math.BigInteger.valueOf(Long.MAX_VALUE / 8))
                    .longValueExact();
            sum = sum.plusNanos(nanos);
        }
        return Optional.of(sum);
    }

    /** For a field that admission has checked already. */
    public static Duration parse(String text, Duration whenAbsentOrWrong) {
        return parse(text).orElse(whenAbsentOrWrong);
    }

    private static long unitMillis(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> 86_400_000;
        };
    }
}
