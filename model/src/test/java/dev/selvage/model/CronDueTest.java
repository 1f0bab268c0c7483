package dev.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/** Which missed time is made up for (k8s.io/kubernetes/pkg/controller/cronjob, mostRecentScheduleTime). */
class CronDueTest {
    private static CronDue due(String schedule, String since, String now) {
        return CronDue.between(CronSchedule.parse(schedule, ZoneOffset.UTC), Instant.parse(since), Instant.parse(now));
    }

    @Test
    void nothingIsDueBeforeTheFirstTime() {
        assertThat(due("0 * * * *", "2026-03-01T10:00:00Z", "2026-03-01T10:59:59Z")
                        .slot())
                .isEmpty();
    }

    @Test
    void theTimeItselfIsDue() {
        assertThat(due("0 * * * *", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z")
                        .slot())
                .contains(Instant.parse("2026-03-01T11:00:00Z"));
    }

    @Test
    void ofSeveralTheLatestIsDue() {
        CronDue due = due("*/10 * * * *", "2026-03-01T10:00:00Z", "2026-03-01T11:05:00Z");
        assertThat(due.slot()).contains(Instant.parse("2026-03-01T11:00:00Z"));
        assertThat(due.tooMany()).isFalse();
    }

    @Test
    void moreThanAHundredAreTooMany() {
        assertThat(due("* * * * *", "2026-03-01T10:00:00Z", "2026-03-01T11:40:30Z")
                        .tooMany())
                .isFalse();
        assertThat(due("* * * * *", "2026-03-01T10:00:00Z", "2026-03-01T11:41:30Z")
                        .tooMany())
                .isTrue();
    }

    /** Two times close together estimate more misses than there are; the latest is found all the same. */
    @Test
    void aScheduleWithGapsFindsItsLatestTime() {
        assertThat(due("30 6-16/4 * * 1-5", "2026-03-02T05:00:00Z", "2026-03-08T12:00:00Z")
                        .slot())
                .contains(Instant.parse("2026-03-06T14:30:00Z"));
    }

    @Test
    void fixedDistancesStayInStep() {
        assertThat(due("@every 1h5m", "2026-03-01T10:00:00Z", "2026-03-01T14:00:00Z")
                        .slot())
                .contains(Instant.parse("2026-03-01T13:15:00Z"));
    }

    @Test
    void aTimeThatNeverComesIsNeverDue() {
        assertThat(due("0 0 31 2 *", "2026-03-01T10:00:00Z", "2036-03-01T10:00:00Z")
                        .slot())
                .isEmpty();
    }
}
