package dev.selvage.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.admission.Admissions;
import dev.selvage.model.Admission;
import dev.selvage.model.Admission.Operation;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.FieldError;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Resources;
import dev.selvage.store.Store;
import dev.selvage.store.Stored;
import dev.selvage.testing.TestDatabase;
import java.util.function.Consumer;
import org.assertj.core.api.ObjectAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Issue 2, "Bad input": each gets a precise error and changes nothing. */
@Timeout(60)
class AdmissionTest {
    private final Store store = Store.open(TestDatabase.create());
    private final Resources resources = store.resources();

    @BeforeEach
    void declareTheModel() {
        store("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"default\"}}");
        admitAndStore(DevicesTest.MODEL);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aDeviceOfAModelThatDoesNotExistIsRefused() {
        String device =
                DevicesTest.device("room", "\"nodeName\":\"edge-1\"", "centre").replace("cold-room", "warm-room");
        denied(device, 422).satisfies(names("spec.model", "warm-room"));
    }

    @Test
    void aDeviceWhoseAddressIsWrongIsRefusedByField() {
        String device = DevicesTest.device("room", "\"nodeName\":\"edge-1\"", "centre")
                .replace("\"table\":\"input\",\"address\":0", "\"table\":\"input\",\"address\":70000");
        denied(device, 422).satisfies(names("spec.properties[0].modbusTcp.address", "70000"));
    }

    @Test
    void sqlThatDoesNotParseIsRefusedWithItsPosition() {
        denied(DevicesTest.stream("s", "SELECT device,\\n FROM `cold-room`", "\"uplink\":{}"), 422)
                .satisfies(names("spec.sql", "line 2, column 2"));
    }

    @Test
    void anUnknownPropertyIsRefusedWithItsPosition() {
        denied(DevicesTest.stream("s", "SELECT device, pressure FROM `cold-room`", "\"uplink\":{}"), 422)
                .satisfies(names("spec.sql", "line 1, column 16"))
                .satisfies(names("spec.sql", "pressure"));
    }

    @Test
    void aStreamThatWouldBeASecondWriterIsRefusedNamingTheFirst() {
        admitAndStore(DevicesTest.device("room", "\"nodeName\":\"edge-1\"", "centre"));
        denied(DevicesTest.stream("keep-cold", DevicesTest.CONTROL, "\"property\":{}"), 422)
                .satisfies(names("spec.sink.property", "compressor of Device room, whose authority is centre"));
    }

    @Test
    void aDeviceThatWouldBringASecondWriterIsRefusedNamingTheStream() {
        admitAndStore(DevicesTest.stream("keep-cold", DevicesTest.CONTROL, "\"property\":{}"));
        denied(DevicesTest.device("room", "\"nodeName\":\"edge-1\"", "site"), 422)
                .satisfies(names("spec.properties[1].authority", "stream/keep-cold"));
        admitAndStore(DevicesTest.device("room", "\"nodeName\":\"edge-1\"", "stream/keep-cold"));
        denied(DevicesTest.stream("keep-warm", DevicesTest.CONTROL, "\"property\":{}"), 422)
                .satisfies(names("spec.sink.property", "whose authority is stream/keep-cold"));
    }

    @Test
    void anUpdateThatTakesTheAuthorityFromAStreamIsRefused() {
        admitAndStore(DevicesTest.stream("keep-cold", DevicesTest.CONTROL, "\"property\":{}"));
        ObjectNode old = admitAndStore(DevicesTest.device("room", "\"nodeName\":\"edge-1\"", "stream/keep-cold"));
        ObjectNode changed = old.deepCopy();
        ((ObjectNode) Json.at(changed, "spec", "properties").get(1)).put("authority", "centre");
        assertThatThrownBy(() -> admit(Operation.UPDATE, Kinds.DEVICE, old, changed))
                .isInstanceOf(AdmissionDenied.class)
                .hasMessageContaining("stream/keep-cold");
    }

    @Test
    void aModelInUseIsNeitherDeletedNorBroken() {
        ObjectNode device = admitAndStore(DevicesTest.device("room", "\"nodeName\":\"edge-1\"", "centre"));
        ObjectNode model = resources
                .get(ObjectKey.cluster(Kinds.DEVICE_MODEL, "cold-room"))
                .map(Stored::parse)
                .orElseThrow();
        assertThatThrownBy(() -> admit(Operation.DELETE, Kinds.DEVICE_MODEL, model, null))
                .asInstanceOf(type(AdmissionDenied.class))
                .returns(409, AdmissionDenied::code)
                .extracting(Throwable::getMessage)
                .isEqualTo("DeviceModel cold-room is in use by Device default/room: delete them first");
        ObjectNode broken = model.deepCopy();
        Json.child(broken, "spec")
                .putArray("properties")
                .addObject()
                .put("name", "humidity")
                .put("type", "number");
        assertThatThrownBy(() -> admit(Operation.UPDATE, Kinds.DEVICE_MODEL, model, broken))
                .isInstanceOf(AdmissionDenied.class)
                .hasMessageStartingWith("the change breaks Device default/room: spec.properties[");
        resources.delete(ObjectKey.of(device), dev.selvage.store.DeleteOptions.DEFAULT);
        admit(Operation.DELETE, Kinds.DEVICE_MODEL, model, null);
    }

    @Test
    void anObjectThatBecameWrongLaterCanStillBeAnnotatedAndTakenAway() {
        ObjectNode old = Json.parseObject(
                DevicesTest.device("room", "\"nodeName\":\"edge-1\"", "centre").replace("cold-room", "gone"));
        ObjectNode annotated = old.deepCopy();
        Json.child(Meta.of(annotated), "annotations").put("note", "x");
        admit(Operation.UPDATE, Kinds.DEVICE, old, annotated);
        ObjectNode leaving = old.deepCopy();
        Meta.of(leaving).put("deletionTimestamp", "2026-11-21T00:00:00Z");
        Json.child(leaving, "spec").put("interval", "1s");
        admit(Operation.UPDATE, Kinds.DEVICE, old, leaving);
    }

    @Test
    void processPodsAreRefusedWhereTheNamespaceEnforcesAPodSecurityLevel() {
        store("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"strict\","
                + "\"labels\":{\"pod-security.kubernetes.io/enforce\":\"baseline\"}}}");
        String pod = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"NS\",\"name\":\"p\"},"
                + "\"spec\":{\"runtimeClassName\":\"process\",\"hostNetwork\":true,"
                + "\"containers\":[{\"name\":\"c\",\"image\":\"host\",\"command\":[\"true\"]}]}}";
        denied(pod.replace("NS", "strict"), 403)
                .satisfies(denied ->
                        assertThat(denied.getMessage()).startsWith("violates PodSecurity \"baseline:latest\""));
        admitAndStore(pod.replace("NS", "default"));
        denied(pod.replace("NS", "default").replace("process", "gvisor"), 422)
                .satisfies(names("spec.runtimeClassName", "gvisor"));
        denied(pod.replace("NS", "default").replace("\"hostNetwork\":true,", ""), 422)
                .satisfies(names("spec.hostNetwork", "(absent)"));
    }

    @Test
    void aNodeRequestIsMadeByTheCentreAndDecidedByNameAndTime() {
        ObjectNode request = Json.parseObject("""
                {"apiVersion": "selvage.dev/v1alpha1", "kind": "NodeRequest", "metadata": {"name": "edge-1.release-deletions"},
                 "spec": {"nodeName": "edge-1", "type": "ReleaseDeletions", "count": 1}}""");
        denied(Json.text(request), 403);
        ObjectNode widened = request.deepCopy();
        Json.child(widened, "spec").put("count", 2);
        assertThatThrownBy(() -> admit(Operation.UPDATE, Kinds.NODE_REQUEST, request, widened))
                .hasMessageContaining("selvage approve");
        ObjectNode approved = request.deepCopy();
        Json.child(approved, "status").put("state", "Approved").put("decidedBy", "somebody else");
        admit(Operation.STATUS, Kinds.NODE_REQUEST, request, approved);
        assertThat(Json.textAt(approved, "status", "decidedBy")).isEqualTo("tester");
        assertThat(Json.textAt(approved, "status", "at")).isNotEmpty();
        ObjectNode odd = request.deepCopy();
        Json.child(odd, "status").put("state", "Maybe");
        assertThatThrownBy(() -> admit(Operation.STATUS, Kinds.NODE_REQUEST, request, odd))
                .hasMessageContaining("Pending, Approved or Denied");
    }

    private ObjectAssert<AdmissionDenied> denied(String json, int code) {
        ObjectNode object = Json.parseObject(json);
        return assertThatThrownBy(() -> admit(Operation.CREATE, kind(object), null, object))
                .asInstanceOf(type(AdmissionDenied.class))
                .returns(code, AdmissionDenied::code);
    }

    private static Consumer<AdmissionDenied> names(String path, String found) {
        return denied -> assertThat(denied.causes())
                .extracting(FieldError::path, FieldError::toString)
                .anySatisfy(fault -> {
                    assertThat(fault.toList().get(0)).isEqualTo(path);
                    assertThat(fault.toList().get(1).toString()).contains(found);
                });
    }

    private ObjectNode admitAndStore(String json) {
        ObjectNode object = Json.parseObject(json);
        admit(Operation.CREATE, kind(object), null, object);
        return store(json);
    }

    private ObjectNode store(String json) {
        return resources
                .create(Json.parseObject(json))
                .success()
                .map(Stored::parse)
                .orElseThrow();
    }

    private void admit(Operation operation, Kind kind, @Nullable ObjectNode old, @Nullable ObjectNode object) {
        ObjectNode named = object != null ? object : old;
        if (named == null) {
            throw new IllegalArgumentException("neither old nor new");
        }
        Admission.Request request =
                new Admission.Request(operation, kind, ObjectKey.of(named), old, object, "tester", false);
        Admissions.all(resources).forEach(admission -> admission.admit(request));
    }

    private static Kind kind(ObjectNode object) {
        return Kinds.byKind(Json.textAt(object, "apiVersion"), Json.textAt(object, "kind"))
                .orElseThrow();
    }
}
