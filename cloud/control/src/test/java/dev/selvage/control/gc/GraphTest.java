package dev.selvage.control.gc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Kubernetes docs, "Garbage Collection" and "Use Cascading Deletion". */
class GraphTest {
    private final Graph graph = new Graph();

    @Test
    void anObjectStaysWhileOneOwnerIsThereAndForgetsTheOthers() {
        put("a", false, "");
        put("child", false, "", "a", "gone");
        assertThat(graph.decide("child"))
                .containsExactly(
                        new Action.DropOwners(key("child"), "child", Set.of("gone"), Set.of(owner("gone", true))));
    }

    @Test
    void anObjectWithoutAnyOwnerLeftIsDeletedOnceItsOwnersAreLookedUp() {
        put("child", false, "", "gone");
        assertThat(graph.decide("child"))
                .containsExactly(new Action.Delete(key("child"), "child", false, Set.of(owner("gone", true))));
    }

    @Test
    void anOwnerOfAKindThatIsNotServedCountsAsPresent() {
        graph.put(
                new Entry(key("child"), "child", List.of(new Owner(Optional.empty(), "x", true)), false, false, false));
        assertThat(graph.decide("child")).isEmpty();
    }

    @Test
    void aForegroundDeletionWaitsForItsBlockingDependents() {
        put("parent", true, "foreground");
        put("child", false, "", "parent");
        assertThat(graph.decide("parent")).containsExactly(new Action.Delete(key("child"), "child", false, Set.of()));
        put("child", true, "", "parent");
        assertThat(graph.decide("parent")).isEmpty();
        graph.remove("child");
        assertThat(graph.decide("parent"))
                .containsExactly(new Action.RemoveFinalizer(key("parent"), "parent", Entry.FOREGROUND));
    }

    @Test
    void dependentsOfDependentsAreDeletedInTheForegroundToo() {
        put("a", true, "foreground");
        put("b", false, "", "a");
        put("c", false, "", "b");
        assertThat(graph.decide("a")).containsExactly(new Action.Delete(key("b"), "b", true, Set.of()));
    }

    @Test
    void aCycleOfForegroundDeletionsUnlocksItself() {
        put("a", true, "foreground", "b");
        put("b", true, "foreground", "a");
        assertThat(graph.decide("a")).containsExactly(new Action.RemoveFinalizer(key("a"), "a", Entry.FOREGROUND));
    }

    @Test
    void orphanedDependentsLoseTheirOwnerAndStay() {
        put("parent", true, "orphan");
        put("child", false, "", "parent");
        assertThat(graph.decide("parent"))
                .containsExactly(new Action.DropOwners(key("child"), "child", Set.of("parent"), Set.of()));
        put("child", false, "");
        assertThat(graph.decide("parent"))
                .containsExactly(new Action.RemoveFinalizer(key("parent"), "parent", Entry.ORPHAN));
    }

    @Test
    void aDeletedObjectIsLeftToItsFinalizers() {
        put("child", true, "", "gone");
        assertThat(graph.decide("child")).isEmpty();
    }

    private void put(String uid, boolean deleting, String finalizer, String... owners) {
        List<Owner> list = new ArrayList<>();
        for (String owner : owners) {
            list.add(owner(owner, true));
        }
        graph.put(new Entry(key(uid), uid, list, deleting, finalizer.equals("foreground"), finalizer.equals("orphan")));
    }

    private static Owner owner(String uid, boolean blocking) {
        return new Owner(Optional.of(key(uid)), uid, blocking);
    }

    private static ObjectKey key(String name) {
        return ObjectKey.of(Kinds.CONFIG_MAP, "default", name);
    }
}
