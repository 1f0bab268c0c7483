package dev.selvage.store;

import static dev.selvage.store.TestObjects.committed;
import static dev.selvage.store.TestObjects.configMap;
import static dev.selvage.store.TestObjects.key;
import static dev.selvage.store.TestObjects.label;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.model.FieldSelector;
import dev.selvage.model.Kinds;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Spec: Kubernetes API concepts, "Retrieving large results sets in chunks". */
class PagingTest {
    private static final Selection MAPS = Selection.all(Kinds.CONFIG_MAP);

    @SuppressWarnings("NullAway.Init")
    private StoreConfig config;

    @SuppressWarnings("NullAway.Init")
    private Store store;

    @SuppressWarnings("NullAway.Init")
    private Resources resources;

    @BeforeEach
    void open() {
        config = TestPostgres.newDatabase();
        store = Store.open(config);
        resources = store.resources();
        for (int i = 0; i < 10; i++) {
            committed(resources.create(configMap("m" + i, "1")));
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void everyPageShowsTheRevisionOfTheFirst() {
        Page page = resources.list(MAPS, 4, null);
        assertThat(page.remaining()).isEqualTo(6);
        List<String> names = new ArrayList<>();
        page.items().forEach(stored -> names.add(stored.key().name()));
        committed(resources.delete(key(Kinds.CONFIG_MAP, "m5"), DeleteOptions.DEFAULT));
        committed(resources.create(configMap("m55", "1")));
        long revision = page.revision();
        while (page.continueToken() != null) {
            page = resources.list(MAPS, 4, page.continueToken());
            page.items().forEach(stored -> names.add(stored.key().name()));
            assertThat(page.revision()).isEqualTo(revision);
        }
        assertThat(names).containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
    }

    @Test
    void aTokenOfAnotherProcessHoldsWhileTheKindIsUnchangedAndElseIsExpiredWithAFreshOne() {
        String token = Objects.requireNonNull(resources.list(MAPS, 4, null).continueToken());
        try (Store another = Store.open(config)) {
            assertThat(another.resources().list(MAPS, 0, token).items()).hasSize(6);
            committed(another.resources().create(configMap("m99", "1")));
            assertThatThrownBy(() -> another.resources().list(MAPS, 0, token))
                    .isInstanceOfSatisfying(
                            ExpiredException.class,
                            e -> assertThat(another.resources()
                                            .list(MAPS, 0, e.freshToken())
                                            .items())
                                    .hasSize(7));
        }
    }

    @Test
    void aNamespaceAndASelectorNarrowTheList() {
        var other = configMap("m0", "1");
        Meta.of(other).put("namespace", "zone");
        committed(resources.create(other));
        committed(resources.mutate(key(Kinds.CONFIG_MAP, "m7"), label("a", "b")));
        assertThat(resources.list(Selection.in(Kinds.CONFIG_MAP, "zone"))).hasSize(1);
        assertThat(resources.list(Selection.in(Kinds.CONFIG_MAP, "default"))).hasSize(10);
        assertThat(resources.list(MAPS.with(LabelSelector.parse("a=b"))))
                .extracting(stored -> stored.key().name())
                .containsExactly("m7");
        assertThat(resources.list(MAPS, 2, null).remaining()).isEqualTo(9);
    }

    /** Kubernetes API concepts, "Retrieving large results sets in chunks": remainingItemCount is of the list that is asked for. */
    @Test
    void whatRemainsIsCountedInTheListThatWasAskedFor() {
        for (String namespace : List.of("a", "default-2", "zone")) {
            for (int i = 0; i < 3; i++) {
                var other = configMap("n" + i, "1");
                Meta.of(other).put("namespace", namespace);
                committed(resources.create(other));
            }
        }
        Page page = resources.list(Selection.in(Kinds.CONFIG_MAP, "default"), 3, null);
        assertThat(page.remaining()).isEqualTo(7);
        page = resources.list(Selection.in(Kinds.CONFIG_MAP, "default"), 3, page.continueToken());
        assertThat(page.remaining()).isEqualTo(4);
        page = resources.list(Selection.in(Kinds.CONFIG_MAP, "default"), 4, page.continueToken());
        assertThat(page.remaining()).isZero();
        assertThat(page.continueToken()).isNull();
        assertThat(resources.list(MAPS, 5, null).remaining()).isEqualTo(14);
        assertThat(resources.list(MAPS.with(FieldSelector.parse("metadata.name!=m1")), 5, null))
                .as("with a selector nobody counts")
                .satisfies(selected -> assertThat(selected.remaining()).isZero())
                .satisfies(selected -> assertThat(selected.continueToken()).isNotNull());
    }

    @Test
    void aForeignTokenIsNamed() {
        assertThatThrownBy(() -> resources.list(MAPS, 4, "nonsense"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("continue");
    }
}
