package dev.selvage.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Spec: design "Store": narrow lease rows, database time, never revisions; design "Link": session epoch by compare-and-swap. */
class LeasesTest {
    @SuppressWarnings("NullAway.Init")
    private Store store;

    @BeforeEach
    void open() {
        store = Store.open(TestPostgres.newDatabase());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void anOlderSessionIsPowerlessOnceALaterOneIsOpen() {
        Leases leases = store.leases();
        long first = leases.open("n1", "hub-a");
        assertThat(leases.renew(Map.of("n1", first))).isEmpty();
        long second = leases.open("n1", "hub-b");
        assertThat(second).isGreaterThan(first);
        assertThat(leases.renew(Map.of("n1", first))).containsExactly("n1");
        assertThat(leases.renew(Map.of("n1", second))).isEmpty();
        assertThat(leases.epoch("n1")).isEqualTo(second);
    }

    @Test
    void ofTwoThatCompareAndSwapOneWins() {
        Leases leases = store.leases();
        assertThat(leases.compareAndOpen("n1", "a", 0, 1)).isTrue();
        assertThat(leases.compareAndOpen("n1", "b", 0, 1)).isFalse();
        assertThat(leases.compareAndOpen("n1", "b", 1, 2)).isTrue();
        assertThat(leases.compareAndOpen("unknown", "b", 1, 2)).isFalse();
    }

    @Test
    void heartbeatsAreJudgedByTheDatabaseAndSpendNoRevision() {
        Leases leases = store.leases();
        long revision = store.resources().revision();
        leases.renew(List.of("b", "a", "c"));
        assertThat(leases.ages()).containsOnlyKeys("a", "b", "c");
        assertThat(leases.ages().get("a")).isBetween(Duration.ZERO, Duration.ofSeconds(30));
        leases.remove(List.of("a"));
        assertThat(leases.ages()).containsOnlyKeys("b", "c");
        assertThat(store.resources().revision()).isEqualTo(revision);
    }
}
