package dev.selvage.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Design "Link": statuses coalesce, with a window of unacknowledged messages. */
class PendingReportsTest {
    private static final ObjectKey POD = ObjectKey.of(Kinds.POD, "cold", "web");
    private final PendingReports reports = new PendingReports();

    @Test
    void onlyTheLatestStatusOfAnObjectIsSent() throws InterruptedException {
        reports.status(status("Pending"));
        reports.status(status("Running"));
        var batch = reports.next(1, 0);
        assertThat(batch.reports()).hasSize(1);
        assertThat(batch.reports().getFirst().getStatus().toStringUtf8()).contains("Running");
    }

    @Test
    void aStatusThatWasNotAcknowledgedIsSentAgainInTheNextSession() throws InterruptedException {
        reports.status(status("Running"));
        reports.next(1, 0);
        reports.restart();
        assertThat(reports.next(1, 0).reports()).hasSize(1);
    }

    @Test
    void anUnacknowledgedStatusDoesNotReplaceANewerOne() throws InterruptedException {
        reports.status(status("Running"));
        reports.next(1, 0);
        reports.status(status("Failed"));
        reports.restart();
        var batch = reports.next(1, 0);
        assertThat(batch.reports()).hasSize(1);
        assertThat(batch.reports().getFirst().getStatus().toStringUtf8()).contains("Failed");
    }

    @Test
    void anObjectIsInOneBatchAtATime() throws InterruptedException {
        reports.status(status("Running"));
        var first = reports.next(4, 0);
        reports.status(status("Failed"));
        assertThat(reports.next(4, 0).reports()).isEmpty();
        reports.acknowledge(first.sequence());
        assertThat(reports.next(4, 0).reports()).hasSize(1);
    }

    @Test
    void theWindowHoldsBackFurtherBatches() throws InterruptedException {
        reports.status(status("Running"));
        var first = reports.next(1, 0);
        reports.gone(ObjectKey.of(Kinds.POD, "cold", "other"), "u2");
        assertThat(reports.next(1, 0).reports()).isEmpty();
        reports.acknowledge(first.sequence());
        assertThat(reports.next(1, 0).reports().getFirst().hasGone()).isTrue();
        assertThat(reports.isEmpty()).isFalse();
    }

    @Test
    void theOldestEventsAreDroppedAtTheLimitAndCounted() throws InterruptedException {
        for (int i = 0; i < PendingReports.MAX_EVENTS + 5; i++) {
            reports.event(new NodeEvent(POD, "u1", false, "Started", "run " + i, Instant.EPOCH));
        }
        assertThat(reports.dropped()).isEqualTo(5);
        assertThat(reports.next(1, 0).reports().getFirst().getEvent().getMessage())
                .isEqualTo("run 5");
    }

    private static StatusReport status(String phase) {
        return new StatusReport(POD, "u1", Json.object().put("phase", phase));
    }
}
