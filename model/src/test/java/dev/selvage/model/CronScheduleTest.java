package dev.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedules as github.com/robfig/cron/v3 reads them; the cases with clock changes are those that its documentation describes. */
class CronScheduleTest {
    private static String next(String schedule, String zone, String after) {
        ZoneId id = CronSchedule.zone(zone).orElseThrow();
        Instant next = CronSchedule.parse(schedule, id)
                .next(OffsetDateTime.parse(after).toInstant())
                .orElseThrow();
        return next.atZone(id).toOffsetDateTime().toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0/15 * * * *   | 2026-07-09T14:45:00Z | 2026-07-09T15:00Z
            */15 * * * *   | 2026-07-09T14:45:01Z | 2026-07-09T15:00Z
            20-35/15 * * * *| 2026-07-09T14:45:00Z | 2026-07-09T15:20Z
            0 0 * Feb Mon  | 2026-07-09T00:00:00Z | 2027-02-01T00:00Z
            0 0 29 2 *     | 2026-07-09T00:00:00Z | 2028-02-29T00:00Z
            30 6-16/4 * * 1-5 | 2026-03-06T14:30:00Z | 2026-03-09T06:30Z
            @yearly        | 2026-07-09T00:00:00Z | 2027-01-01T00:00Z
            @monthly       | 2026-07-09T00:00:00Z | 2026-08-01T00:00Z
            @weekly        | 2026-07-09T00:00:00Z | 2026-07-12T00:00Z
            @daily         | 2026-07-09T00:00:00Z | 2026-07-10T00:00Z
            @hourly        | 2026-07-09T00:00:00Z | 2026-07-09T01:00Z
            @every 90m     | 2026-07-09T00:00:00.5Z | 2026-07-09T01:30Z
            """)
    void theNextTimeIsTheFirstThatFits(String schedule, String after, String expected) {
        assertThat(next(schedule, "", after)).isEqualTo(expected);
    }

    /** "If either is a star both must match, otherwise one is enough": the rule of cron(5) that robfig/cron keeps. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 0 13 * 5   | 2026-07-01T00:00:00Z | 2026-07-03T00:00Z
            0 0 13 * *   | 2026-07-01T00:00:00Z | 2026-07-13T00:00Z
            0 0 * * 5    | 2026-07-01T00:00:00Z | 2026-07-03T00:00Z
            0 0 */2 * 5  | 2026-07-01T00:00:00Z | 2026-07-03T00:00Z
            0 0 ? * 5    | 2026-07-04T00:00:00Z | 2026-07-10T00:00Z
            """)
    void daysOfMonthAndWeekAreJoinedAsCronDoes(String schedule, String after, String expected) {
        assertThat(next(schedule, "", after)).isEqualTo(expected);
    }

    /** In spring New York's clocks go from 2:00 to 3:00: what is set in between does not run that day. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            30 2 * * *   | 2012-03-10T12:00:00-05:00 | 2012-03-12T02:30-04:00
            0 * * * *    | 2012-03-11T01:00:00-05:00 | 2012-03-11T03:00-04:00
            0 3 * * *    | 2012-03-11T00:00:00-05:00 | 2012-03-11T03:00-04:00
            30 2 11 3 ?  | 2012-03-11T00:00:00-05:00 | 2013-03-11T02:30-04:00
            */30 * * * * | 2012-03-11T01:30:00-05:00 | 2012-03-11T03:00-04:00
            """)
    void aLocalTimeThatIsLeftOutDoesNotRun(String schedule, String after, String expected) {
        assertThat(next(schedule, "America/New_York", after)).isEqualTo(expected);
    }

    /** In autumn they go from 2:00 to 1:00: what is set in between runs twice. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            30 1 * * *   | 2012-11-04T00:00:00-04:00 | 2012-11-04T01:30-04:00
            30 1 * * *   | 2012-11-04T01:45:00-04:00 | 2012-11-04T01:30-05:00
            30 1 * * *   | 2012-11-04T01:30:00-05:00 | 2012-11-05T01:30-05:00
            0 * * * *    | 2012-11-04T01:00:00-04:00 | 2012-11-04T01:00-05:00
            0 2 * * *    | 2012-11-04T00:00:00-04:00 | 2012-11-04T02:00-05:00
            """)
    void aLocalTimeThatComesTwiceRunsTwice(String schedule, String after, String expected) {
        assertThat(next(schedule, "America/New_York", after)).isEqualTo(expected);
    }

    /** There are zones whose clocks change at midnight: that day begins at one. */
    @Test
    void aDayWithoutMidnightSkipsIt() {
        assertThat(next("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00-03:00"))
                .isEqualTo("2018-11-05T00:00-02:00");
    }

    @Test
    void aDateThatNeverComesHasNoNext() {
        assertThat(CronSchedule.parse("0 0 30 2 *", ZoneOffset.UTC).next(Instant.parse("2026-01-01T00:00:00Z")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            * * * *        | expected exactly 5 fields, found 4: [* * * *]
            x              | expected exactly 5 fields, found 1: [x]
            60 * * * *     | end of range (60) above maximum (59): 60
            * * 0 * *      | beginning of range (0) below minimum (1): 0
            * * * * 7      | end of range (7) above maximum (6): 7
            5-1 * * * *    | beginning of range (5) beyond end of range (1): 5-1
            */0 * * * *    | step of range should be a positive number: */0
            1-2-3 * * * *  | too many hyphens: 1-2-3
            1/2/3 * * * *  | too many slashes: 1/2/3
            a * * * *      | failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax
            @sometimes     | unrecognized descriptor: @sometimes
            @every x       | failed to parse duration @every x: time: invalid duration "x"
            """)
    void whatIsNoScheduleIsRefusedInUpstreamsWords(String schedule, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CronSchedule.parse(schedule, ZoneOffset.UTC))
                .withMessage(message);
    }

    @Test
    void zonesAreThoseOfTheTzDatabase() {
        assertThat(CronSchedule.zone("Asia/Shanghai")).isPresent();
        assertThat(CronSchedule.zone("Etc/UTC")).isPresent();
        assertThat(CronSchedule.zone("+08:00")).isEmpty();
        assertThat(CronSchedule.zone("Mars/Olympus")).isEmpty();
    }
}
