package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static dev.selvage.control.Centre.steadily;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.DeleteOptions.Propagation;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kubernetes docs, "Garbage Collection", "Use Cascading Deletion in a Cluster", "Namespaces". */
@Timeout(120)
class GarbageTest {
    @Test
    void dependentsFollowTheirOwnerInTheBackgroundGenerationByGeneration() {
        try (Centre centre = Centre.start()) {
            ObjectNode parent = config(centre, "parent");
            ObjectNode child = config(centre, "child", parent);
            config(centre, "grandchild", child);
            config(centre, "shared", parent, config(centre, "other"));
            delete(centre, "parent", Propagation.BACKGROUND);
            eventually(() ->
                    assertThat(centre.find(Kinds.CONFIG_MAP, "grandchild")).isEmpty());
            assertThat(centre.find(Kinds.CONFIG_MAP, "child")).isEmpty();
            eventually(() -> assertThat(Meta.ownerReferences(centre.get(Kinds.CONFIG_MAP, "shared")))
                    .extracting("name")
                    .containsExactly("other"));
        }
    }

    @Test
    void aForegroundDeletionKeepsTheOwnerUntilItsDependentsHaveGone() {
        try (Centre centre = Centre.start()) {
            ObjectNode parent = config(centre, "parent");
            config(centre, "child", parent);
            ObjectKey child = ObjectKey.of(Kinds.CONFIG_MAP, "default", "child");
            centre.change(
                    child, object -> Meta.of(object).putArray("finalizers").add("example.com/hold"));
            delete(centre, "parent", Propagation.FOREGROUND);
            eventually(() -> assertThat(Meta.deleting(centre.get(Kinds.CONFIG_MAP, "child")))
                    .isTrue());
            steadily(
                    Duration.ofMillis(500),
                    () -> assertThat(centre.find(Kinds.CONFIG_MAP, "parent")).isPresent());
            centre.change(child, object -> Meta.of(object).remove("finalizers"));
            eventually(() -> assertThat(centre.find(Kinds.CONFIG_MAP, "parent")).isEmpty());
            assertThat(centre.find(Kinds.CONFIG_MAP, "child")).isEmpty();
        }
    }

    @Test
    void orphanedDependentsStayWithoutTheirOwner() {
        try (Centre centre = Centre.start()) {
            config(centre, "child", config(centre, "parent"));
            delete(centre, "parent", Propagation.ORPHAN);
            eventually(() -> assertThat(centre.find(Kinds.CONFIG_MAP, "parent")).isEmpty());
            assertThat(Meta.ownerReferences(centre.get(Kinds.CONFIG_MAP, "child")))
                    .isEmpty();
        }
    }

    @Test
    void aCycleOfOwnersIsCollectedInEitherWay() {
        try (Centre centre = Centre.start()) {
            for (Propagation way : new Propagation[] {Propagation.BACKGROUND, Propagation.FOREGROUND}) {
                ObjectNode a = config(centre, "a");
                ObjectNode b = config(centre, "b", a);
                centre.change(ObjectKey.of(Kinds.CONFIG_MAP, "default", "a"), object -> own(object, b));
                delete(centre, "a", way);
                eventually(() -> assertThat(centre.find(Kinds.CONFIG_MAP, "a")).isEmpty());
                eventually(() -> assertThat(centre.find(Kinds.CONFIG_MAP, "b")).isEmpty());
            }
        }
    }

    @Test
    void anOwnerOfTheSameNameButAnotherUidIsNoOwner() {
        try (Centre centre = Centre.start()) {
            ObjectNode parent = config(centre, "parent");
            Meta.of(parent).put("uid", "00000000-0000-0000-0000-000000000000");
            config(centre, "child", parent);
            eventually(() -> assertThat(centre.find(Kinds.CONFIG_MAP, "child")).isEmpty());
            assertThat(centre.find(Kinds.CONFIG_MAP, "parent")).isPresent();
        }
    }

    @Test
    void aNamespaceGoesWhenItsContentsHaveGoneAndSaysWhatIsLeft() {
        try (Centre centre = Centre.start()) {
            centre.create("v1", "Namespace", "", "shop", "");
            centre.create("v1", "ConfigMap", "shop", "plain", "");
            ObjectNode held = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
            Meta.of(held).put("namespace", "shop").put("name", "held");
            Meta.of(held).putArray("finalizers").add("example.com/hold");
            centre.create(held);
            centre.delete(ObjectKey.cluster(Kinds.NAMESPACE, "shop"));
            eventually(() -> assertThat(centre.conditionMessage(Kinds.NAMESPACE, "shop", "NamespaceContentRemaining"))
                    .isEqualTo("Some resources are remaining: configmaps has 1 resource instances"));
            assertThat(centre.conditionMessage(Kinds.NAMESPACE, "shop", "NamespaceFinalizersRemaining"))
                    .isEqualTo("Some content in the namespace has finalizers remaining: "
                            + "example.com/hold in 1 resource instances");
            assertThat(Json.textAt(centre.get(Kinds.NAMESPACE, "shop"), "status", "phase"))
                    .isEqualTo("Terminating");
            assertThat(centre.resources().get(ObjectKey.of(Kinds.CONFIG_MAP, "shop", "plain")))
                    .isEmpty();
            centre.change(
                    ObjectKey.of(Kinds.CONFIG_MAP, "shop", "held"),
                    object -> Meta.of(object).remove("finalizers"));
            eventually(() -> assertThat(centre.find(Kinds.NAMESPACE, "shop")).isEmpty());
            assertThat(centre.find(Kinds.NAMESPACE, "default")).isPresent();
        }
    }

    @Test
    void aNodeTakesTheRequestsAboutItAlong() {
        try (Centre centre = Centre.start()) {
            ObjectNode node = centre.create("v1", "Node", "", "edge-1", "");
            ObjectNode request = Json.object()
                    .put("apiVersion", Kinds.NODE_REQUEST.apiVersion())
                    .put("kind", Kinds.NODE_REQUEST.kind());
            Meta.of(request)
                    .put("name", "edge-1.release-deletions")
                    .putArray("ownerReferences")
                    .addObject()
                    .put("apiVersion", "v1")
                    .put("kind", "Node")
                    .put("name", "edge-1")
                    .put("uid", Meta.uid(node));
            request.putObject("spec").put("nodeName", "edge-1").put("type", "ReleaseDeletions");
            centre.create(request);
            centre.delete(ObjectKey.cluster(Kinds.NODE, "edge-1"));
            eventually(() -> assertThat(
                            centre.resources().get(ObjectKey.cluster(Kinds.NODE_REQUEST, "edge-1.release-deletions")))
                    .isEmpty());
        }
    }

    private static ObjectNode config(Centre centre, String name, ObjectNode... owners) {
        ObjectNode object = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
        Meta.of(object).put("namespace", "default").put("name", name);
        for (ObjectNode owner : owners) {
            own(object, owner);
        }
        return centre.create(object);
    }

    private static void own(ObjectNode object, ObjectNode owner) {
        ArrayNode references = Meta.of(object).withArray("ownerReferences");
        references
                .addObject()
                .put("apiVersion", "v1")
                .put("kind", "ConfigMap")
                .put("name", Meta.name(owner))
                .put("uid", Meta.uid(owner))
                .put("blockOwnerDeletion", true);
    }

    private static void delete(Centre centre, String name, Propagation propagation) {
        assertThat(centre.resources()
                        .delete(
                                ObjectKey.of(Kinds.CONFIG_MAP, "default", name),
                                new DeleteOptions(null, null, propagation, null, false, false))
                        .succeeded())
                .isTrue();
    }
}
