package dev.selvage.store;

import static dev.selvage.store.TestObjects.committed;
import static dev.selvage.store.TestObjects.configMap;
import static dev.selvage.store.TestObjects.data;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.model.Kinds;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spec: the store's contract: an outage must not kill the process; reads go on, writes fail clearly, recovery is automatic. Design: "Incarnation". */
class OutageTest {
    @TempDir
    Path home;

    @Test
    void readsGoOnAndWritesFailClearlyUntilTheDatabaseIsBack() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(home, 0, TestPostgres.PROGRAMS);
                Store store = Store.open(StoreConfig.of(postgres.jdbcUrl(), postgres.user(), postgres.password()))) {
            Resources resources = store.resources();
            Stored before = committed(resources.create(configMap("a", "1")));
            String incarnation = resources.incarnation();
            assertThat(incarnation).isNotEmpty();
            try (WatchStream watch = resources.watch(Selection.all(Kinds.CONFIG_MAP), before.revision())) {
                // the supervisor brings it back after a moment
                ProcessHandle.of(postgres.pid()).orElseThrow().destroyForcibly();
                assertThatThrownBy(() -> {
                            while (true) {
                                resources.mutate(before.key(), data("lost" + System.nanoTime()));
                            }
                        })
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageMatching("(?s).*(nothing was written|unknown).*");
                assertThat(resources.get(before.key())).isPresent();
                assertThat(resources.list(Selection.all(Kinds.CONFIG_MAP))).hasSize(1);

                Poll.until(() -> resources.mutate(before.key(), data("found")).succeeded());
                Stored after = resources.get(before.key()).orElseThrow();
                WatchEvent event = watch.next(Duration.ofSeconds(20));
                while (!event.equals(new WatchEvent.Modified(after))) {
                    assertThat(event).isNotInstanceOf(WatchEvent.Expired.class);
                    event = watch.next(Duration.ofSeconds(20));
                }
                Poll.until(store::healthy);
                assertThat(resources.incarnation()).isEqualTo(incarnation);
            }
        }
    }

    @Test
    void aRestoredDatabaseIsAnotherIncarnation() throws Exception {
        StoreConfig config = TestPostgres.newDatabase();
        String first;
        try (Store store = Store.open(config)) {
            first = store.resources().incarnation();
        }
        try (Store store = Store.open(config)) {
            assertThat(store.resources().incarnation()).isEqualTo(first);
            Stored kept = committed(store.resources().create(configMap("a", "1")));
            // as a dump of another cluster looks after its restore
            try (var connection = store.dataSource().getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("UPDATE counter SET origin = 'another cluster'");
            }
            try (Store restored = Store.open(config)) {
                assertThat(restored.resources().incarnation()).isNotEqualTo(first);
                assertThat(restored.resources().get(kept.key())).isPresent();
                // the process that was running learns of it, and writes under the new one
                Poll.until(() -> store.resources()
                        .incarnation()
                        .equals(restored.resources().incarnation()));
                assertThat(store.resources().mutate(kept.key(), data("2")).succeeded())
                        .isTrue();
            }
        }
    }
}
