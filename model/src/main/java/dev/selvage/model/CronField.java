package dev.selvage.model;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * One field of a cron expression: the values that match.
 *
 * @param star whether it was said as {@code *} or {@code ?}, which matters where days of month and week are joined
 */
record CronField(BitSet values, boolean star) {
    /** Which values a field may have, and the names it knows for the first of them. */
    enum Bounds {
        MINUTE(0, 59, ""),
        HOUR(0, 23, ""),
        DAY(1, 31, ""),
        MONTH(1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
        WEEKDAY(0, 6, "sun mon tue wed thu fri sat");

        private final int least;
        private final int most;
        private final String names;

        Bounds(int least, int most, String names) {
            this.least = least;
            this.most = most;
            this.names = names;
        }
    }

    boolean has(int value) {
        return values.get(value);
    }

    /** @throws IllegalArgumentException in robfig/cron's words, which upstream shows */
    static CronField parse(String text, Bounds bounds) {
        BitSet values = new BitSet();
        boolean star = false;
        for (String part : text.split(",")) {
            star |= range(part, bounds, values);
        }
        return new CronField(values, star);
    }

    /** {@code N}, {@code N-M}, {@code *}, each also with {@code /STEP}; returns whether it is a plain star. */
    private static boolean range(String text, Bounds bounds, BitSet values) {
        String[] steps = text.split("/", -1);
        String[] ends = steps[0].split("-", -1);
        boolean star = ends[0].equals("*") || ends[0].equals("?");
        int from = star ? bounds.least : number(ends[0], bounds);
        int to = star ? bounds.most : from;
        if (!star && ends.length == 2) {
            to = number(ends[1], bounds);
        } else if (ends.length > 2 || (star && ends.length > 1)) {
            throw new IllegalArgumentException("too many hyphens: " + text);
        }
        int step = 1;
        if (steps.length == 2) {
            step = number(steps[1], "");
            if (ends.length == 1) {
                to = bounds.most; // N/STEP is N-most/STEP
            }
        } else if (steps.length > 2) {
            throw new IllegalArgumentException("too many slashes: " + text);
        }
        check(text, from, to, step, bounds);
        for (int value = from; value <= to; value += step) {
            values.set(value);
        }
        return star && step == 1;
    }

    private static void check(String text, int from, int to, int step, Bounds bounds) {
        if (from < bounds.least) {
            throw new IllegalArgumentException(
                    "beginning of range (" + from + ") below minimum (" + bounds.least + "): " + text);
        }
        if (to > bounds.most) {
            throw new IllegalArgumentException(
                    "end of range (" + to + ") above maximum (" + bounds.most + "): " + text);
        }
        if (from > to) {
            throw new IllegalArgumentException(
                    "beginning of range (" + from + ") beyond end of range (" + to + "): " + text);
        }
        if (step == 0) {
            throw new IllegalArgumentException("step of range should be a positive number: " + text);
        }
    }

    private static int number(String text, Bounds bounds) {
        int name = List.of(bounds.names.split(" ")).indexOf(text.toLowerCase(Locale.ROOT));
        return name >= 0 ? name + bounds.least : number(text, text);
    }

    private static int number(String text, String shown) {
        if (!text.matches("\\d{1,6}")) {
            throw new IllegalArgumentException("failed to parse int from " + (shown.isEmpty() ? text : shown)
                    + ": strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
        return Integer.parseInt(text);
    }
}
