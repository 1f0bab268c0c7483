package dev.selvage.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Kubernetes quantity: a decimal with a binary (Ki…Ei) or decimal (n…E, e3) suffix. */
public record Quantity(BigDecimal value) {
    public static final String ACCEPTED = "a quantity such as 100m, 2, 64Mi, 1.5Gi";

    private static final Pattern FORM = Pattern.compile(
            "([+-]?(?:\\d{1,18}(?:\\.\\d{0,18})?|\\.\\d{1,18}))(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\\d{1,2})?");
    private static final Map<String, Integer> BINARY =
            Map.of("Ki", 10, "Mi", 20, "Gi", 30, "Ti", 40, "Pi", 50, "Ei", 60);
    private static final Map<String, Integer> DECIMAL =
            Map.of("n", -9, "u", -6, "m", -3, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E", 18);

    /** So many whole units. */
    public static Quantity of(long units) {
        return new Quantity(BigDecimal.valueOf(units));
    }

    /** So many thousandths. */
    public static Quantity ofMillis(long millis) {
        return new Quantity(BigDecimal.valueOf(millis, 3));
    }

    /** Empty when the text is no quantity. */
    public static Optional<Quantity> parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        BigDecimal number = new BigDecimal(form.group(1));
        String suffix = form.group(2);
        if (suffix == null) {
            return Optional.of(new Quantity(number));
        }
        Integer shift = BINARY.get(suffix);
        if (shift != null) {
            return Optional.of(new Quantity(number.multiply(BigDecimal.valueOf(1L << shift))));
        }
        Integer power = DECIMAL.get(suffix);
        return Optional.of(
                new Quantity(number.scaleByPowerOfTen(power != null ? power : Integer.parseInt(suffix.substring(1)))));
    }

    /** Thousandths, rounded up as upstream does. */
    public long millis() {
        return clamp(value.movePointRight(3));
    }

    /** Whole units (bytes), rounded up. */
    public long units() {
        return clamp(value);
    }

    private static long clamp(BigDecimal number) {
        BigDecimal whole = number.setScale(0, RoundingMode.CEILING);
        return whole.min(BigDecimal.valueOf(Long.MAX_VALUE))
                .max(BigDecimal.valueOf(Long.MIN_VALUE))
                .longValueExact();
    }
}
