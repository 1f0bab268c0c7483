package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.admission.Admissions;
import dev.selvage.model.Admission;
import dev.selvage.model.Admission.Operation;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Store;
import dev.selvage.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Upstream's admission plugin Priority ("Pod Priority and Preemption", PriorityClass). */
@Timeout(60)
class PriorityTest {
    private final Store store = Store.open(TestDatabase.create());

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aPodTakesNumberAndPolicyOfItsClass() {
        priorityClass("important", "\"value\":1000,\"preemptionPolicy\":\"Never\"");
        ObjectNode spec = admit("\"priorityClassName\":\"important\"");
        assertThat(spec.path("priority").asInt()).isEqualTo(1000);
        assertThat(Json.textAt(spec, "preemptionPolicy")).isEqualTo("Never");
    }

    @Test
    void withoutAClassItIsTheDefaultOrZero() {
        assertThat(admit("").path("priority").asInt(-1)).isZero();
        assertThat(Json.textAt(admit(""), "preemptionPolicy")).isEqualTo("PreemptLowerPriority");
        priorityClass("usual", "\"value\":7,\"globalDefault\":true");
        assertThat(admit("").path("priority").asInt()).isEqualTo(7);
        assertThat(Json.textAt(admit(""), "priorityClassName")).isEqualTo("usual");
    }

    @Test
    void unknownClassesAndOwnNumbersAreRefusedInUpstreamsWords() {
        assertThatThrownBy(() -> admit("\"priorityClassName\":\"nobody\""))
                .hasMessage("no PriorityClass with name nobody was found");
        assertThatThrownBy(() -> admit("\"priority\":5"))
                .hasMessage("the integer value of priority (5) must not be provided in pod spec;"
                        + " priority admission controller computed 0 from the given PriorityClass name");
        assertThat(admit("\"priority\":0").path("priority").asInt()).isZero();
        assertThat(admit("\"priorityClassName\":\"system-node-critical\"")
                        .path("priority")
                        .asInt())
                .isEqualTo(2_000_001_000);
    }

    @Test
    void oneClassAloneIsTheDefault() {
        priorityClass("usual", "\"value\":7,\"globalDefault\":true");
        ObjectNode second = Json.parseObject("{\"apiVersion\":\"scheduling.k8s.io/v1\",\"kind\":\"PriorityClass\","
                + "\"metadata\":{\"name\":\"second\"},\"value\":8,\"globalDefault\":true}");
        assertThatThrownBy(() -> admit(Kinds.PRIORITY_CLASS, second))
                .hasMessage("PriorityClass usual is already marked as default. Only one default can exist");
    }

    @Test
    void theTwoClassesOfTheSystemAreThere() {
        try (Centre centre = Centre.start()) {
            eventually(() -> assertThat(
                            centre.resources().get(ObjectKey.cluster(Kinds.PRIORITY_CLASS, "system-node-critical")))
                    .hasValueSatisfying(stored ->
                            assertThat(stored.parse().path("value").asInt()).isEqualTo(2_000_001_000)));
            eventually(() -> assertThat(
                            centre.resources().get(ObjectKey.cluster(Kinds.PRIORITY_CLASS, "system-cluster-critical")))
                    .isPresent());
        }
    }

    private void priorityClass(String name, String members) {
        ObjectNode object = Json.parseObject(
                "{\"apiVersion\":\"scheduling.k8s.io/v1\",\"kind\":\"PriorityClass\",\"metadata\":{\"name\":\"" + name
                        + "\"}," + members + "}");
        admit(Kinds.PRIORITY_CLASS, object);
        assertThat(store.resources().create(object).succeeded()).isTrue();
    }

    private ObjectNode admit(String members) {
        ObjectNode pod = Json.parseObject(
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"default\",\"name\":\"p\"},\"spec\":{"
                        + members + "}}");
        admit(Kinds.POD, pod);
        return Json.child(pod, "spec");
    }

    private void admit(Kind kind, ObjectNode object) {
        var request =
                new Admission.Request(Operation.CREATE, kind, ObjectKey.of(object), null, object, "tester", false);
        Admissions.all(store.resources()).forEach(admission -> admission.admit(request));
    }
}
