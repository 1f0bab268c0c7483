package dev.selvage.model;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When a CronJob runs: five fields (minute, hour, day of month, month, day of week), a macro such as {@code @daily}, or
 * {@code @every 1h30m}. Read as github.com/robfig/cron/v3 {@code ParseStandard} does, which upstream uses: where neither
 * day of month nor day of week is a star either suffices; a local time that a change of clocks leaves out does not run,
 * one that comes twice runs twice.
 */
public sealed interface CronSchedule {
    /** The first time strictly after this one; empty where there is none within five years (such as 30 February). */
    Optional<Instant> next(Instant after);

    /** @throws IllegalArgumentException in robfig/cron's words, naming what it found */
    static CronSchedule parse(String text, ZoneId zone) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("empty spec string");
        }
        if (text.startsWith("@every ")) {
            return Every.parse(text);
        }
        String spec = text.startsWith("@") ? Fields.macro(text) : text;
        String[] fields = spec.strip().split("\\s+");
        if (fields.length != 5 || fields[0].isEmpty()) {
            List<String> found = spec.isBlank() ? List.of() : List.of(fields);
            throw new IllegalArgumentException(
                    "expected exactly 5 fields, found " + found.size() + ": [" + String.join(" ", found) + "]");
        }
        return new Fields(
                CronField.parse(fields[0], CronField.Bounds.MINUTE),
                CronField.parse(fields[1], CronField.Bounds.HOUR),
                CronField.parse(fields[2], CronField.Bounds.DAY),
                CronField.parse(fields[3], CronField.Bounds.MONTH),
                CronField.parse(fields[4], CronField.Bounds.WEEKDAY),
                zone);
    }

    /** The zone of this name in the tz database; UTC for the empty name. */
    static Optional<ZoneId> zone(String name) {
        try {
            // java.time also reads offsets such as +08:00 and GMT+8, which are no names of zones
            return name.isEmpty()
                    ? Optional.of(ZoneOffset.UTC)
                    : ZoneId.getAvailableZoneIds().contains(name) ? Optional.of(ZoneId.of(name)) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** At fixed distances, to the second, from whenever it is asked. */
    record Every(Duration delay) implements CronSchedule {
        private static final Map<String, Duration> UNITS = Map.of(
                "ns",
                Duration.ofNanos(1),
                "us",
                Duration.ofNanos(1000),
                "ms",
                Duration.ofMillis(1),
                "s",
                Duration.ofSeconds(1),
                "m",
                Duration.ofMinutes(1),
                "h",
                Duration.ofHours(1));

        static Every parse(String text) {
            String rest = text.substring("@every ".length());
            if (!rest.matches("(\\d{1,9}(ns|us|ms|s|m|h))+")) {
                throw new IllegalArgumentException(
                        "failed to parse duration " + text + ": time: invalid duration \"" + rest + "\"");
            }
            Duration delay = Duration.ZERO;
            for (String part : rest.split("(?<=[a-z])(?=\\d)")) {
                String unit = part.replaceAll("\\d", "");
                long count = Long.parseLong(part.replaceAll("[a-z]", ""));
                delay = delay.plus(UNITS.getOrDefault(unit, Duration.ZERO).multipliedBy(count));
            }
            Duration whole = delay.truncatedTo(ChronoUnit.SECONDS);
            return new Every(whole.isZero() ? Duration.ofSeconds(1) : whole);
        }

        @Override
        public Optional<Instant> next(Instant after) {
            return Optional.of(after.truncatedTo(ChronoUnit.SECONDS).plus(delay));
        }
    }

    /** By fields of the local time in a zone. */
    record Fields(CronField minute, CronField hour, CronField day, CronField month, CronField weekday, ZoneId zone)
            implements CronSchedule {
        private static final int YEARS = 5;
        private static final Map<String, String> MACROS = Map.of(
                "@yearly", "0 0 1 1 *",
                "@annually", "0 0 1 1 *",
                "@monthly", "0 0 1 * *",
                "@weekly", "0 0 * * 0",
                "@daily", "0 0 * * *",
                "@midnight", "0 0 * * *",
                "@hourly", "0 * * * *");

        static String macro(String text) {
            String fields = MACROS.get(text);
            if (fields == null) {
                throw new IllegalArgumentException("unrecognized descriptor: " + text);
            }
            return fields;
        }

        @Override
        public Optional<Instant> next(Instant after) {
            LocalDate first = ZonedDateTime.ofInstant(after, zone).toLocalDate();
            LocalDate last = first.plusYears(YEARS);
            for (LocalDate date = first; !date.isAfter(last); date = date.plusDays(1)) {
                if (!month.has(date.getMonthValue())) {
                    date = date.withDayOfMonth(date.lengthOfMonth());
                } else if (onDay(date)) {
                    Optional<Instant> found = within(date, after);
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
            return Optional.empty();
        }

        private boolean onDay(LocalDate date) {
            boolean ofMonth = day.has(date.getDayOfMonth());
            boolean ofWeek = weekday.has(date.getDayOfWeek().getValue() % 7);
            return (day.star() || weekday.star()) ? (ofMonth && ofWeek) : (ofMonth || ofWeek);
        }

        /** The earliest that is later; each local time counts as often as the clocks show it: never, once or twice. */
        private Optional<Instant> within(LocalDate date, Instant after) {
            Optional<Instant> earliest = Optional.empty();
            for (int h = hour.values().nextSetBit(0); h >= 0; h = hour.values().nextSetBit(h + 1)) {
                for (int m = minute.values().nextSetBit(0);
                        m >= 0;
                        m = minute.values().nextSetBit(m + 1)) {
                    LocalDateTime local = date.atTime(h, m);
                    for (ZoneOffset offset : zone.getRules().getValidOffsets(local)) {
                        Instant at = local.toInstant(offset);
                        if (at.isAfter(after)
                                && earliest.filter(e -> !at.isBefore(e)).isEmpty()) {
                            earliest = Optional.of(at);
                        }
                    }
                }
            }
            return earliest;
        }
    }
}
