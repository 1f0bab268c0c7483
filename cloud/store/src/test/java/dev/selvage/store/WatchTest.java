package dev.selvage.store;

import static dev.selvage.store.TestObjects.committed;
import static dev.selvage.store.TestObjects.configMap;
import static dev.selvage.store.TestObjects.data;
import static dev.selvage.store.TestObjects.key;
import static dev.selvage.store.TestObjects.label;
import static dev.selvage.store.TestObjects.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.model.FieldSelector;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.LabelSelector;
import dev.selvage.store.WatchEvent.Added;
import dev.selvage.store.WatchEvent.Bookmark;
import dev.selvage.store.WatchEvent.Deleted;
import dev.selvage.store.WatchEvent.Expired;
import dev.selvage.store.WatchEvent.Modified;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Spec: Kubernetes API concepts, "Efficient detection of changes"; kubernetes-clients.md "Reads". */
class WatchTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration NOW = Duration.ofMillis(1);

    @SuppressWarnings("NullAway.Init")
    private StoreConfig config;

    @SuppressWarnings("NullAway.Init")
    private Store store;

    @SuppressWarnings("NullAway.Init")
    private Resources resources;

    @BeforeEach
    void open() {
        StoreConfig defaults = TestPostgres.newDatabase();
        // small enough that the tests reach every limit
        config = new StoreConfig(
                defaults.jdbcUrl(), defaults.user(), defaults.password(), 4, 10, Duration.ofHours(1), 2, 16, SOON);
        store = Store.open(config);
        resources = store.resources();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aChangeOfTheLabelTakesAnObjectInAndOutOfASelection() throws Exception {
        Selection red = Selection.all(Kinds.CONFIG_MAP).with(LabelSelector.parse("colour=red"));
        long start = resources.revision();
        Stored created = committed(resources.create(configMap("a", "1")));
        Stored painted = committed(resources.mutate(created.key(), label("colour", "red")));
        Stored changed = committed(resources.mutate(created.key(), data("2")));
        Stored left = committed(resources.mutate(created.key(), label("colour", "blue")));
        committed(resources.delete(created.key(), DeleteOptions.DEFAULT));
        try (WatchStream watch = resources.watch(red, start)) {
            assertThat(watch.next(SOON)).isEqualTo(new Added(painted));
            assertThat(watch.next(SOON)).isEqualTo(new Modified(changed));
            assertThat(watch.next(SOON)).isEqualTo(new Deleted(left));
            assertThat(watch.next(NOW)).isEqualTo(new Bookmark(resources.revision()));
        }
    }

    @Test
    void aChangeOfAFieldDoesLikewiseAlsoWhenReadFromTheLog() throws Exception {
        Selection mine = Selection.all(Kinds.POD).with(FieldSelector.parse("spec.nodeName=n1"));
        long start = resources.revision();
        Stored created = committed(resources.create(pod("a", "")));
        Stored bound = committed(resources.mutate(created.key(), o -> {
            Json.child(o, "spec").put("nodeName", "n1");
            return o;
        }));
        try (WatchStream watch = resources.watch(mine, start)) {
            assertThat(watch.next(SOON)).isEqualTo(new Added(bound));
        }
        Stored gone = committed(resources.delete(bound.key(), DeleteOptions.now(bound.uid())));
        try (Store another = Store.open(config);
                WatchStream watch = another.resources().watch(mine, start)) {
            // its cache began after these changes: they come from the log
            assertThat(watch.next(SOON)).isEqualTo(new Added(bound));
            assertThat(watch.next(SOON)).isEqualTo(new Deleted(gone));
            assertThat(watch.next(NOW)).isEqualTo(new Bookmark(gone.revision()));
        }
    }

    @Test
    void aWatchFromAnOldRevisionReadsTheLogAndGoesOnLive() throws Exception {
        long start = resources.revision();
        for (int i = 0; i < 14; i++) {
            committed(resources.create(configMap("a" + i, "1")));
        }
        try (Store another = Store.open(config);
                WatchStream watch = another.resources().watch(Selection.all(Kinds.CONFIG_MAP), start)) {
            for (int i = 0; i < 14; i++) {
                assertThat(watch.next(SOON)).isInstanceOf(Added.class);
            }
            Stored live = committed(resources.create(configMap("live", "1")));
            WatchEvent event = watch.next(SOON);
            while (event instanceof Bookmark) {
                event = watch.next(SOON);
            }
            assertThat(event).isEqualTo(new Added(live));
        }
    }

    @Test
    void aReaderThatIsTooSlowIsExpired() throws Exception {
        try (WatchStream slow = resources.watch(Selection.all(Kinds.CONFIG_MAP), resources.revision())) {
            assertThat(slow.next(NOW)).isInstanceOf(Bookmark.class);
            for (int i = 0; i < 20; i++) {
                committed(resources.create(configMap("a" + i, "1")));
            }
            assertThat(slow.next(SOON)).isInstanceOf(Expired.class);
            assertThat(slow.next(SOON)).isInstanceOf(Expired.class);
        }
    }

    @Test
    void aCompactedRevisionIsExpiredAndAFutureOneIsNot() throws Exception {
        long start = resources.revision();
        for (int i = 0; i < 60; i++) {
            committed(resources.create(configMap("a" + i, "1")));
        }
        assertThat(store.compactNow()).isGreaterThanOrEqualTo(3);
        try (WatchStream old = resources.watch(Selection.all(Kinds.CONFIG_MAP), start)) {
            assertThat(old.next(SOON))
                    .isInstanceOfSatisfying(
                            Expired.class, e -> assertThat(e.reason()).contains("too old resource version"));
        }
        assertThat(resources.list(Selection.all(Kinds.CONFIG_MAP))).hasSize(60);
        committed(resources.create(configMap("after", "1")));
        assertThatThrownBy(() -> resources.watch(Selection.all(Kinds.CONFIG_MAP), resources.revision() + 5))
                .isInstanceOf(FutureRevisionException.class)
                .hasMessageContaining("Too large resource version");
    }

    /** Decision 0013: an object's content lies in the log; it must not go with the log. */
    @Test
    void objectsKeepTheirContentWhenTheChangesThatWroteThemAreDropped() throws Exception {
        for (int i = 0; i < 60; i++) {
            committed(resources.create(configMap("a" + i, "first" + i)));
        }
        Stored changed = committed(resources.mutate(key(Kinds.CONFIG_MAP, "a0"), data("second")));
        assertThat(store.compactNow()).isGreaterThanOrEqualTo(3);
        try (Store another = Store.open(config)) {
            assertThat(another.resources().list(Selection.all(Kinds.CONFIG_MAP)))
                    .hasSize(60)
                    .allSatisfy(stored -> {
                        Stored here = resources.get(stored.key()).orElseThrow();
                        assertThat(stored).isEqualTo(here);
                        assertThat(stored.json()).isEqualTo(here.json());
                    });
            // content that was carried is read where a precondition fails, and written over
            Stored old = another.resources().get(key(Kinds.CONFIG_MAP, "a1")).orElseThrow();
            committed(resources.mutate(key(Kinds.CONFIG_MAP, "a1"), data("mine")));
            assertThat(another.resources().replace(old.parse())).isInstanceOf(Outcome.Conflict.class);
            assertThat(another.resources()
                            .mutate(key(Kinds.CONFIG_MAP, "a2"), data("theirs"))
                            .succeeded())
                    .isTrue();
        }
        assertThat(store.compactNow()).isGreaterThanOrEqualTo(0);
        try (Store another = Store.open(config)) {
            assertThat(another.resources().get(changed.key()).orElseThrow().json())
                    .isEqualTo(changed.json());
        }
    }

    @Test
    void closingWakesTheReader() throws Exception {
        WatchStream watch = resources.watch(Selection.all(Kinds.CONFIG_MAP), resources.revision());
        Thread closer = Thread.startVirtualThread(watch::close);
        WatchEvent event = watch.next(Duration.ofMinutes(5));
        assertThat(event).isInstanceOf(Expired.class);
        closer.join();
    }
}
