package dev.selvage.store;

import static dev.selvage.store.TestObjects.committed;
import static dev.selvage.store.TestObjects.configMap;
import static dev.selvage.store.TestObjects.data;
import static dev.selvage.store.TestObjects.key;
import static dev.selvage.store.TestObjects.object;
import static dev.selvage.store.TestObjects.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions.Propagation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Spec: kubernetes-clients.md "Traps" and "Writes"; Kubernetes API conventions, "Metadata" and "Concurrency control". */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ResourcesTest {
    @SuppressWarnings("NullAway.Init")
    private Store store;

    @SuppressWarnings("NullAway.Init")
    private Resources resources;

    @BeforeAll
    void open() {
        store = Store.open(TestPostgres.newDatabase());
        resources = store.resources();
    }

    @AfterAll
    void close() {
        store.close();
    }

    @Test
    void createSetsSystemMetadataAndIsReadAtOnce() {
        Stored created = committed(resources.create(pod("fresh", "")));
        ObjectNode read = resources.get(key(Kinds.POD, "fresh")).orElseThrow().parse();
        assertThat(Meta.uid(read)).isEqualTo(created.uid()).hasSize(36);
        assertThat(Meta.generation(read)).isEqualTo(1);
        assertThat(Meta.creationTimestamp(read)).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
        assertThat(Meta.resourceVersion(read)).isEqualTo(Long.toString(created.revision()));
        assertThat(Json.textAt(read, "status", "phase")).isEqualTo("Pending");
    }

    /** A controller that counts in longs what was read as ints must not write for ever. */
    @Test
    void theSameNumberInAnotherWidthSpendsNoRevision() {
        Stored created = committed(resources.create(pod("counted", "")));
        committed(resources.mutateStatus(created.key(), now -> observed(now, Json.scalar(1))));
        long before = resources.revision();

        assertThat(resources.mutateStatus(created.key(), now -> observed(now, Json.scalar(1L))))
                .isInstanceOf(Outcome.Unchanged.class);

        assertThat(resources.revision()).isEqualTo(before);
    }

    /** Upstream's Binding: the node's name and the condition PodScheduled are one write. */
    @Test
    void specAndStatusCanBeOneWrite() {
        Stored created = committed(resources.create(pod("waiting", "")));
        long before = resources.revision();

        ObjectNode bound = committed(resources.mutateWhole(created.key(), now -> {
                    Json.child(now, "spec").put("nodeName", "n1");
                    return observed(now, Json.scalar(1));
                }))
                .parse();

        assertThat(Json.textAt(bound, "spec", "nodeName")).isEqualTo("n1");
        assertThat(Json.at(bound, "status", "observedGeneration").asInt()).isEqualTo(1);
        assertThat(Meta.generation(bound)).isEqualTo(2);
        assertThat(resources.revision()).isEqualTo(before + 1);
    }

    private static ObjectNode observed(ObjectNode object, JsonNode generation) {
        ObjectNode copy = object.deepCopy();
        Json.child(copy, "status").set("observedGeneration", generation);
        return copy;
    }

    @Test
    void createOfWhatExistsSpendsNoRevision() {
        committed(resources.create(configMap("twice", "a")));
        long before = resources.revision();
        assertThat(resources.create(configMap("twice", "b"))).isInstanceOf(Outcome.AlreadyExists.class);
        assertThat(resources.revision()).isEqualTo(before);
    }

    @Test
    void generateNameAppendsFiveCharacters() {
        ObjectNode body = configMap("", "a");
        Meta.of(body).remove("name");
        Meta.of(body).put("generateName", "web-");
        Stored created = committed(resources.create(body));
        assertThat(created.key().name()).matches("web-[bcdfghjklmnpqrstvwxz2456789]{5}");
        assertThat(Json.textAt(created.parse(), "metadata", "generateName")).isEqualTo("web-");
    }

    /** Design "Everything is bounded": an object that its own reader refuses would keep every process from loading the store. */
    @Test
    void whatCouldNotBeReadAgainIsNotWritten() {
        Stored pod = committed(resources.create(pod("deep", "")));
        long before = resources.revision();
        ObjectNode nested = Json.object();
        ObjectNode here = nested;
        for (int i = 1; i < Json.MAX_DEPTH; i++) {
            here = here.putObject("a");
        }
        // a document of the greatest depth that is accepted, one level further down
        assertThat(resources.mutateStatus(pod.key(), object -> object.set("status", nested)))
                .isInstanceOfSatisfying(
                        Outcome.Invalid.class,
                        invalid -> assertThat(invalid.message()).contains("nested deeper than " + Json.MAX_DEPTH));
        assertThat(resources.mutateStatus(pod.key(), object -> {
                    Json.child(object, "status").put("k".repeat(60_000), "v");
                    return object;
                }))
                .isInstanceOfSatisfying(
                        Outcome.Invalid.class,
                        invalid -> assertThat(invalid.message()).contains("60000"));
        assertThat(resources.revision()).isEqualTo(before);
        assertThat(resources
                        .get(pod.key())
                        .orElseThrow()
                        .parse()
                        .path("status")
                        .path("phase")
                        .asText())
                .isEqualTo("Pending");
    }

    @Test
    void aWriteThatChangesNothingDoesNotMoveTheRevision() {
        Stored created = committed(resources.create(configMap("same", "a")));
        Outcome outcome = resources.replace(created.parse());
        assertThat(outcome).isEqualTo(new Outcome.Unchanged(created));
        assertThat(resources.get(created.key())).contains(created);
    }

    @Test
    void generationMovesOnSpecOnlyAndStatusIsApart() {
        committed(resources.create(pod("parts", "")));
        ObjectKey key = key(Kinds.POD, "parts");
        ObjectNode body = resources.get(key).orElseThrow().parse();
        Json.child(body, "spec").put("nodeName", "n1");
        Json.child(body, "status").put("phase", "Failed");
        ObjectNode replaced = committed(resources.replace(body)).parse();
        assertThat(Meta.generation(replaced)).isEqualTo(2);
        assertThat(Json.textAt(replaced, "status", "phase")).isEqualTo("Pending");

        Json.child(replaced, "status").put("phase", "Running");
        Json.child(replaced, "spec").put("nodeName", "other");
        ObjectNode withStatus = committed(resources.replaceStatus(replaced)).parse();
        assertThat(Meta.generation(withStatus)).isEqualTo(2);
        assertThat(Json.textAt(withStatus, "status", "phase")).isEqualTo("Running");
        assertThat(Json.textAt(withStatus, "spec", "nodeName")).isEqualTo("n1");

        ObjectNode labelled =
                committed(resources.mutate(key, TestObjects.label("a", "b"))).parse();
        assertThat(Meta.generation(labelled)).isEqualTo(2);
    }

    @Test
    void anOldResourceVersionIsAConflictThatNamesTheCurrentState() {
        Stored first = committed(resources.create(configMap("raced", "a")));
        Stored second = committed(resources.mutate(first.key(), data("b")));
        ObjectNode stale = first.parse();
        Json.child(stale, "data").put("value", "c");
        assertThat(resources.replace(stale))
                .isInstanceOfSatisfying(
                        Outcome.Conflict.class, c -> assertThat(c.current()).isEqualTo(second));
    }

    @Test
    void anotherUidIsAConflict() {
        Stored first = committed(resources.create(configMap("reborn", "a")));
        assertThat(resources.delete(first.key(), DeleteOptions.ofUid("other"))).isInstanceOf(Outcome.Conflict.class);
        assertThat(resources.delete(first.key(), DeleteOptions.ofUid(first.uid())))
                .isInstanceOf(Outcome.Committed.class);
        assertThat(resources.get(first.key())).isEmpty();
        assertThat(resources.delete(first.key(), DeleteOptions.DEFAULT)).isInstanceOf(Outcome.NotFound.class);
    }

    @Test
    void manyWritersOfOneObjectLoseNoUpdate() {
        ObjectKey key = committed(resources.create(configMap("count", "0"))).key();
        IntStream.range(0, 60).parallel().forEach(_ -> {
            Outcome outcome = new Outcome.NotFound();
            while (!outcome.succeeded()) {
                outcome = resources.mutate(key, object -> {
                    ObjectNode values = Json.child(object, "data");
                    values.put(
                            "value", "" + (Integer.parseInt(values.path("value").asText()) + 1));
                    return object;
                });
            }
        });
        assertThat(Json.textAt(resources.get(key).orElseThrow().parse(), "data", "value"))
                .isEqualTo("60");
    }

    @Test
    void aWriteThatTheDatabaseRefusesDoesNotTakeItsGroupWithIt() throws Exception {
        List<Callable<Outcome>> writes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            // PostgreSQL's text holds no NUL
            ObjectNode object = i == 20 ? pod("poison", "n\0") : pod("grouped-" + i, "n");
            writes.add(() -> resources.create(object));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Outcome>> outcomes = threads.invokeAll(writes);
            for (int i = 0; i < 40; i++) {
                Future<Outcome> outcome = outcomes.get(i);
                if (i == 20) {
                    assertThatThrownBy(outcome::get)
                            .cause()
                            .isInstanceOf(StoreException.class)
                            .hasMessageContaining("refuses");
                } else {
                    committed(outcome.get());
                }
            }
        }
    }

    @Test
    void finalizersHoldADeletedObjectUntilTheLastIsTaken() {
        ObjectNode body = configMap("held", "a");
        Meta.of(body).putArray("finalizers").add("x/one");
        Stored created = committed(resources.create(body));
        ObjectNode deleting = committed(resources.delete(created.key(), DeleteOptions.DEFAULT))
                .parse();
        assertThat(Meta.deleting(deleting)).isTrue();
        assertThat(resources.delete(created.key(), DeleteOptions.DEFAULT)).isInstanceOf(Outcome.Unchanged.class);

        ObjectNode more = deleting.deepCopy();
        Meta.of(more).withArray("finalizers").add("x/two");
        assertThat(resources.replace(more)).isInstanceOf(Outcome.Invalid.class);

        Meta.of(deleting).remove("finalizers");
        committed(resources.replace(deleting));
        assertThat(resources.get(created.key())).isEmpty();
    }

    @Test
    void foregroundAndOrphanPropagationLeaveTheObjectToTheGarbageCollector() {
        Stored foreground = committed(resources.create(configMap("fore", "a")));
        DeleteOptions options = new DeleteOptions(null, null, Propagation.FOREGROUND, null, false, false);
        assertThat(Meta.finalizers(
                        committed(resources.delete(foreground.key(), options)).parse()))
                .containsExactly("foregroundDeletion");
        Stored orphan = committed(resources.create(configMap("orphan", "a")));
        options = new DeleteOptions(null, null, Propagation.ORPHAN, null, false, false);
        assertThat(Meta.finalizers(
                        committed(resources.delete(orphan.key(), options)).parse()))
                .containsExactly("orphan");
    }

    @Test
    void aPodBoundToANodeWaitsForItsNode() {
        Stored bound = committed(resources.create(pod("bound", "n1")));
        ObjectNode deleting =
                committed(resources.delete(bound.key(), DeleteOptions.DEFAULT)).parse();
        assertThat(Meta.deleting(deleting)).isTrue();
        assertThat(Json.at(deleting, "metadata", "deletionGracePeriodSeconds").asLong())
                .isEqualTo(30);
        committed(resources.mutateStatus(bound.key(), o -> {
            Json.child(o, "status").put("phase", "Succeeded");
            return o;
        }));
        assertThat(resources.get(bound.key())).isPresent();

        committed(resources.delete(bound.key(), DeleteOptions.now(bound.uid())));
        assertThat(resources.get(bound.key())).isEmpty();

        Stored pending = committed(resources.create(pod("unbound", "")));
        committed(resources.delete(pending.key(), DeleteOptions.DEFAULT));
        assertThat(resources.get(pending.key())).isEmpty();
    }

    @Test
    void aNamespaceIsTerminatingUntilItsControllerFinishes() {
        Stored namespace = committed(resources.create(object(Kinds.NAMESPACE, "tenant")));
        ObjectNode terminating = committed(resources.delete(namespace.key(), DeleteOptions.DEFAULT))
                .parse();
        assertThat(Json.textAt(terminating, "status", "phase")).isEqualTo("Terminating");
        committed(resources.delete(namespace.key(), DeleteOptions.now(namespace.uid())));
        assertThat(resources.get(namespace.key())).isEmpty();
    }

    @Test
    void aDryRunWritesNothing() {
        long before = resources.revision();
        assertThat(resources.create(configMap("dry", "a"), true)).isInstanceOf(Outcome.WouldCommit.class);
        Stored real = committed(resources.create(configMap("dry", "a")));
        ObjectNode changed = data("b").apply(real.parse());
        assertThat(resources.replace(changed, true)).isInstanceOf(Outcome.WouldCommit.class);
        assertThat(resources.delete(
                        real.key(), new DeleteOptions(null, null, Propagation.BACKGROUND, null, false, true)))
                .isInstanceOf(Outcome.WouldCommit.class);
        assertThat(resources.get(real.key())).contains(real);
        assertThat(resources.revision()).isEqualTo(before + 1);
    }

    @Test
    void anObjectOverTheLimitIsRefusedWithItsSize() {
        assertThat(resources.create(configMap("big", "x".repeat(Resources.MAX_OBJECT_BYTES))))
                .isInstanceOfSatisfying(
                        Outcome.Invalid.class,
                        i -> assertThat(i.message()).contains("too large").contains("1572864"));
        assertThat(resources.create(configMap("large", "x".repeat(1_500_000)))).isInstanceOf(Outcome.Committed.class);
    }

    @Test
    void badNamesAndKindsAreNamed() {
        assertThat(resources.create(configMap("a/b", "x")))
                .isInstanceOfSatisfying(
                        Outcome.Invalid.class, i -> assertThat(i.message()).contains("metadata.name"));
        ObjectNode unknown = configMap("a", "x");
        unknown.put("kind", "Gadget");
        assertThat(resources.create(unknown))
                .isInstanceOfSatisfying(
                        Outcome.Invalid.class, i -> assertThat(i.message()).contains("Gadget"));
        ObjectNode nowhere = configMap("a", "x");
        Meta.of(nowhere).remove("namespace");
        assertThat(resources.create(nowhere))
                .isInstanceOfSatisfying(
                        Outcome.Invalid.class, i -> assertThat(i.message()).contains("metadata.namespace"));
    }

    @Test
    void unknownFieldsNullsAndUnicodeSurvive() {
        ObjectNode body = configMap("kept", "冷库 \\u0000 \"metadata\":{\"resourceVersion\":\"");
        body.putNull("nothing");
        body.putObject("unknown").put("x", 1.50);
        Stored created = committed(resources.create(body));
        ObjectNode read = resources.get(created.key()).orElseThrow().parse();
        assertThat(read.has("nothing")).isTrue();
        assertThat(Json.text(read.path("unknown"))).isEqualTo("{\"x\":1.5}");
        assertThat(Json.textAt(read, "data", "value")).isEqualTo(Json.textAt(body, "data", "value"));
    }

    @Test
    void dependentsAreFoundByOwnerAcrossKinds() {
        Stored owner = committed(resources.create(configMap("owner", "a")));
        ObjectNode dependent = pod("owned", "");
        Meta.of(dependent)
                .putArray("ownerReferences")
                .addObject()
                .put("apiVersion", "v1")
                .put("kind", "ConfigMap")
                .put("name", "owner")
                .put("uid", owner.uid());
        committed(resources.create(dependent));
        assertThat(resources.dependents(owner.uid()))
                .extracting(Stored::key)
                .isEqualTo(List.of(key(Kinds.POD, "owned")));
    }
}
