package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deployments and ReplicaSets over nodes that start what is bound to them (issue 4: controllers). */
class WorkloadsTest {
    private final Centre centre = Centre.start();
    /** Nodes that carry out nothing: their pods stay as they are. */
    private final Set<String> idle = ConcurrentHashMap.newKeySet();
    /** Images that never become ready. */
    private final Set<String> sick = ConcurrentHashMap.newKeySet();

    private final Thread nodes = Thread.ofVirtual().unstarted(this::runNodes);

    @BeforeEach
    void begin() {
        centre.node("edge-1", "");
        centre.node("edge-2", "");
        nodes.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        nodes.interrupt();
        nodes.join();
        centre.close();
    }

    /** What the agents do: a bound pod becomes Running and ready, a deleted one goes. */
    private void runNodes() {
        try {
            while (true) {
                for (ObjectNode pod : pods()) {
                    String node = Json.textAt(pod, "spec", "nodeName");
                    if (!node.isEmpty() && !idle.contains(node)) {
                        act(pod);
                    }
                }
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void act(ObjectNode pod) {
        ObjectKey key = ObjectKey.of(pod);
        if (Meta.deleting(pod)) {
            centre.resources().delete(key, DeleteOptions.now(Meta.uid(pod)));
        } else if (!Conditions.status(pod, "Ready").equals("True") && !sick.contains(image(pod))) {
            centre.resources().mutateStatus(key, object -> {
                ObjectNode copy = object.deepCopy();
                Json.child(copy, "status").put("phase", "Running");
                Conditions.set(copy, "Ready", "True", "", "", Instant.now());
                return copy;
            });
        }
    }

    private static String image(JsonNode pod) {
        return Json.textAt(pod.path("spec").path("containers").path(0), "image");
    }

    private List<ObjectNode> pods() {
        return centre.resources().list(Selection.all(Kinds.POD)).stream()
                .map(Stored::parse)
                .toList();
    }

    private List<ObjectNode> sets() {
        return centre.resources().list(Selection.all(Kinds.REPLICA_SET)).stream()
                .map(Stored::parse)
                .toList();
    }

    private void deployment(String name, int replicas, String more) {
        centre.createRaw("""
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"namespace":"default","name":"%s"},
                 "spec":{"replicas":%d,"revisionHistoryLimit":10,"progressDeadlineSeconds":600,
                   "strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":0}},
                   "selector":{"matchLabels":{"app":"%s"}},
                   "template":{"metadata":{"labels":{"app":"%s"}},
                     "spec":{"runtimeClassName":"process","hostNetwork":true,"restartPolicy":"Always",
                       "containers":[{"name":"c","image":"host:/v1","command":["sleep","1d"]}]}}}}""".formatted(name, replicas, name, name));
        if (!more.isEmpty()) {
            change(name, spec -> spec.setAll(Json.parseObject(more)));
        }
    }

    private void change(String name, java.util.function.Consumer<ObjectNode> edit) {
        centre.change(key(name), object -> edit.accept(Json.child(object, "spec")));
    }

    private void image(String name, String image) {
        change(
                name,
                spec -> ((ObjectNode)
                                Json.at(spec, "template", "spec", "containers").get(0))
                        .put("image", image));
    }

    private static ObjectKey key(String name) {
        return ObjectKey.of(Kinds.DEPLOYMENT, "default", name);
    }

    private int status(String name, String field) {
        return Json.at(centre.get(Kinds.DEPLOYMENT, name), "status", field).asInt(0);
    }

    private void rolledOut(String name, String image, int replicas) {
        eventually(() -> {
            assertThat(status(name, "updatedReplicas")).isEqualTo(replicas);
            assertThat(status(name, "availableReplicas")).isEqualTo(replicas);
            assertThat(status(name, "replicas")).isEqualTo(replicas);
            assertThat(pods())
                    .hasSize(replicas)
                    .allSatisfy(pod -> assertThat(image(pod)).isEqualTo(image));
            assertThat(reason(name)).isEqualTo("NewReplicaSetAvailable");
        });
    }

    private String reason(String name) {
        return Conditions.find(centre.get(Kinds.DEPLOYMENT, name), "Progressing")
                .map(c -> Json.textAt(c, "reason"))
                .orElse("");
    }

    @Test
    void aDeploymentGetsItsPodsByAReplicaSetThatItOwns() {
        deployment("web", 3, "");

        rolledOut("web", "host:/v1", 3);

        assertThat(sets()).singleElement().satisfies(set -> {
            assertThat(Meta.ownerReferences(set).getFirst().name()).isEqualTo("web");
            assertThat(Meta.annotations(set)).containsEntry("deployment.kubernetes.io/revision", "1");
        });
        assertThat(pods()).allSatisfy(pod -> {
            assertThat(Meta.name(pod)).startsWith(Meta.name(sets().getFirst()) + "-");
            assertThat(Meta.labels(pod)).containsKeys("app", "pod-template-hash");
        });
        assertThat(centre.condition(Kinds.DEPLOYMENT, "web", "Available")).isEqualTo("True");
        assertThat(centre.events("ScalingReplicaSet")).isNotEmpty();
    }

    /** "A write that changes nothing must not move the revision": a settled workload is at rest. */
    @Test
    void aSettledDeploymentWritesNothing() {
        deployment("web", 2, "");
        rolledOut("web", "host:/v1", 2);
        eventually(() -> {
            long before = centre.resources().revision();
            Centre.steadily(
                    Duration.ofMillis(500),
                    () -> assertThat(centre.resources().revision()).isEqualTo(before));
        });
    }

    @Test
    void aNewTemplateReplacesThePodsAndTheOldRevisionStaysForAnUndo() {
        deployment("web", 3, "");
        rolledOut("web", "host:/v1", 3);

        image("web", "host:/v2");

        rolledOut("web", "host:/v2", 3);
        assertThat(sets()).hasSize(2);
        assertThat(Meta.annotations(centre.get(Kinds.DEPLOYMENT, "web")))
                .containsEntry("deployment.kubernetes.io/revision", "2");

        image("web", "host:/v1"); // what kubectl rollout undo does

        rolledOut("web", "host:/v1", 3);
        assertThat(sets()).as("the first revision serves again").hasSize(2);
        assertThat(Meta.annotations(centre.get(Kinds.DEPLOYMENT, "web")))
                .containsEntry("deployment.kubernetes.io/revision", "3");
    }

    @Test
    void aRevisionThatNeverBecomesReadyTakesNoHealthyPodAwayAndIsToldAtTheDeadline() {
        deployment("web", 3, "{\"progressDeadlineSeconds\":2}");
        rolledOut("web", "host:/v1", 3);
        sick.add("host:/bad");

        image("web", "host:/bad");

        eventually(() -> assertThat(reason("web")).isEqualTo("ProgressDeadlineExceeded"));
        assertThat(centre.condition(Kinds.DEPLOYMENT, "web", "Progressing")).isEqualTo("False");
        assertThat(pods()).filteredOn(pod -> image(pod).equals("host:/v1")).hasSize(3);
        assertThat(pods()).filteredOn(pod -> image(pod).equals("host:/bad")).hasSize(1);
    }

    @Test
    void aSecondTemplateWhileTheFirstStillRollsWins() {
        deployment("web", 4, "");
        rolledOut("web", "host:/v1", 4);
        sick.add("host:/v2");
        image("web", "host:/v2");
        eventually(() ->
                assertThat(pods()).anySatisfy(pod -> assertThat(image(pod)).isEqualTo("host:/v2")));

        image("web", "host:/v3");

        rolledOut("web", "host:/v3", 4);
    }

    @Test
    void recreateEndsTheOldPodsBeforeTheNewOnesBegin() {
        deployment("web", 2, "{\"strategy\":{\"type\":\"Recreate\"}}");
        rolledOut("web", "host:/v1", 2);
        idle.addAll(Set.of("edge-1", "edge-2"));

        image("web", "host:/v2");

        eventually(() -> assertThat(pods()).allMatch(Meta::deleting));
        Centre.steadily(Duration.ofMillis(300), () -> assertThat(pods()).noneMatch(p -> image(p).equals("host:/v2")));
        idle.clear();
        rolledOut("web", "host:/v2", 2);
    }

    @Test
    void scalingChangesTheNumberAndNothingElse() {
        deployment("web", 2, "");
        rolledOut("web", "host:/v1", 2);

        change("web", spec -> spec.put("replicas", 5));
        rolledOut("web", "host:/v1", 5);
        change("web", spec -> spec.put("replicas", 1));
        rolledOut("web", "host:/v1", 1);

        assertThat(sets()).hasSize(1);
    }

    @Test
    void aPausedDeploymentDoesNotRollAndGoesOnWhenResumed() {
        deployment("web", 2, "");
        rolledOut("web", "host:/v1", 2);
        change("web", spec -> spec.put("paused", true));

        image("web", "host:/v2");

        eventually(() -> assertThat(reason("web")).isEqualTo("DeploymentPaused"));
        Centre.steadily(Duration.ofMillis(300), () -> assertThat(pods()).allMatch(p -> image(p).equals("host:/v1")));
        change("web", spec -> spec.remove("paused"));
        rolledOut("web", "host:/v2", 2);
    }

    @Test
    void historyBeyondItsLimitIsCleanedUp() {
        deployment("web", 1, "{\"revisionHistoryLimit\":1}");
        for (int version = 2; version <= 5; version++) {
            image("web", "host:/v" + version);
            rolledOut("web", "host:/v" + version, 1);
        }

        eventually(() -> assertThat(sets()).hasSize(2));
    }

    @Test
    void aDeletedPodIsReplacedAndDeletingTheDeploymentRemovesAll() {
        deployment("web", 2, "");
        rolledOut("web", "host:/v1", 2);
        ObjectNode victim = pods().getFirst();

        centre.delete(ObjectKey.of(victim));

        eventually(() ->
                assertThat(pods()).hasSize(2).noneMatch(pod -> Meta.uid(pod).equals(Meta.uid(victim))));
        centre.delete(key("web"));
        eventually(() -> {
            assertThat(pods()).isEmpty();
            assertThat(sets()).isEmpty();
        });
    }

    /** Design: controllers that would create a replacement wait. */
    @Test
    void aPodOnAnUnreachableNodeIsNotReplacedUnlessTheWorkloadSaysSo() {
        deployment("web", 2, "");
        rolledOut("web", "host:/v1", 2);
        String node = Json.textAt(pods().getFirst(), "spec", "nodeName");
        List<String> before = pods().stream().map(Meta::name).sorted().toList();
        idle.add(node);
        centre.silence(node);
        eventually(() ->
                assertThat(pods()).anyMatch(p -> Conditions.status(p, "Linked").equals("Unknown")));

        Centre.steadily(
                Duration.ofMillis(500),
                () -> assertThat(pods().stream().map(Meta::name).sorted()).isEqualTo(before));
        eventually(() -> assertThat(centre.conditionMessage(Kinds.DEPLOYMENT, "web", "Available"))
                .contains("deferred"));
    }

    @Test
    void aWorkloadThatSaysEvictAfterGetsItsReplacementElsewhere() {
        deployment("web", 2, "");
        change(
                "web",
                spec -> Json.child(Json.child((ObjectNode) spec.path("template"), "metadata"), "annotations")
                        .put("selvage.dev/evict-after", "1s"));
        rolledOut("web", "host:/v1", 2);
        String node = Json.textAt(pods().getFirst(), "spec", "nodeName");
        idle.add(node);
        centre.silence(node);

        eventually(() -> assertThat(pods())
                .filteredOn(p -> !Meta.deleting(p))
                .hasSize(2)
                .noneMatch(p -> Json.textAt(p, "spec", "nodeName").equals(node)));
    }

    /** Issue 4: Pod Security levels; what is refused is told, and nothing spins. */
    @Test
    void aRefusedPodIsToldInTheStatusAndAnEvent() {
        centre.change(
                ObjectKey.cluster(Kinds.NAMESPACE, "default"),
                namespace ->
                        Json.child(Meta.of(namespace), "labels").put("pod-security.kubernetes.io/enforce", "baseline"));
        deployment("web", 1, "");

        eventually(() -> {
            assertThat(centre.condition(Kinds.DEPLOYMENT, "web", "ReplicaFailure"))
                    .isEqualTo("True");
            assertThat(centre.conditionMessage(Kinds.DEPLOYMENT, "web", "ReplicaFailure"))
                    .contains("PodSecurity \"baseline");
            assertThat(centre.events("FailedCreate")).isNotEmpty();
        });
    }

    @Test
    void aLoosePodThatFitsTheSelectorIsAdoptedAndOneThatFitsNoMoreIsReleased() {
        centre.createRaw("""
                {"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"default","name":"stray","labels":{"app":"rs"}},
                 "spec":{"runtimeClassName":"process","containers":[{"name":"c","image":"host:/v1"}]}}""");
        // the controllers know of it then; of a pod and a ReplicaSet made at once they may learn in either order
        eventually(() -> assertThat(Json.textAt(centre.get(Kinds.POD, "stray"), "status", "phase"))
                .isEqualTo("Running"));
        centre.createRaw("""
                {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"namespace":"default","name":"rs"},
                 "spec":{"replicas":1,"selector":{"matchLabels":{"app":"rs"}},
                   "template":{"metadata":{"labels":{"app":"rs"}},
                     "spec":{"runtimeClassName":"process","hostNetwork":true,
                       "containers":[{"name":"c","image":"host:/v1","command":["sleep","1d"]}]}}}}""");

        eventually(() ->
                assertThat(Meta.ownerReferences(centre.get(Kinds.POD, "stray"))).hasSize(1));
        assertThat(pods()).hasSize(1);

        centre.change(
                ObjectKey.of(Kinds.POD, "default", "stray"),
                pod -> ((ObjectNode) pod.path("metadata")).putObject("labels").put("app", "other"));

        eventually(() -> {
            assertThat(Meta.ownerReferences(centre.get(Kinds.POD, "stray"))).isEmpty();
            assertThat(pods()).hasSize(2);
        });
    }
}
