package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Devices find their node, Streams get their plan, second writers are named. */
@Timeout(120)
class DevicesTest {
    static final String MODEL = """
            {"apiVersion":"selvage.dev/v1alpha1","kind":"DeviceModel","metadata":{"name":"cold-room"},
             "spec":{"properties":[{"name":"temperature","type":"number","access":"read"},
                                   {"name":"compressor","type":"boolean","access":"readWrite"}]}}""";

    static String device(String name, String binding, String authority) {
        return """
                {"apiVersion":"selvage.dev/v1alpha1","kind":"Device","metadata":{"namespace":"default","name":"%s"},
                 "spec":{"model":"cold-room",%s,"modbusTcp":{"host":"127.0.0.1"},"properties":[
                   {"name":"temperature","modbusTcp":{"table":"input","address":0,"type":"int16"}},
                   {"name":"compressor","modbusTcp":{"table":"coil","address":0},"authority":"%s"}]}}""".formatted(name, binding, authority);
    }

    static String stream(String name, String sql, String sink) {
        return """
                {"apiVersion":"selvage.dev/v1alpha1","kind":"Stream","metadata":{"namespace":"default","name":"%s"},
                 "spec":{"sql":"%s","sink":{%s}}}""".formatted(name, sql, sink);
    }

    static final String CONTROL = "SELECT device, temperature > 5 AS compressor FROM `cold-room`";

    @Test
    void aDeviceThatSelectsItsNodeIsBoundToTheOneWithFewestDevicesAndSaysWhyItWaits() {
        try (Centre centre = Centre.start()) {
            centre.createRaw(MODEL);
            centre.createRaw(device("room-1", "\"nodeSelector\":{\"cold\":\"yes\"}", "centre"));
            eventually(() -> assertThat(centre.conditionMessage(Kinds.DEVICE, "room-1", "Scheduled"))
                    .isEqualTo("0/0 nodes are available: there are no nodes."));
            centre.node("edge-1", "");
            eventually(() -> assertThat(centre.conditionMessage(Kinds.DEVICE, "room-1", "Scheduled"))
                    .isEqualTo("0/1 nodes are available: 1 node(s) didn't match Device's node selector."));
            centre.node("edge-2", "\"cold\":\"yes\"");
            eventually(() -> assertThat(nodeOf(centre, "room-1")).isEqualTo("edge-2"));
            centre.node("edge-3", "\"cold\":\"yes\"");
            eventually(() -> {
                assertThat(centre.condition(Kinds.DEVICE, "room-1", "Scheduled"))
                        .isEqualTo("True");
            });
            centre.createRaw(device("room-2", "\"nodeSelector\":{\"cold\":\"yes\"}", "centre"));
            eventually(() -> assertThat(nodeOf(centre, "room-2")).isEqualTo("edge-3"));
        }
    }

    @Test
    void aDeviceIsBoundAnewWhenItsNodeWasDeletedButNotWhenItIsOnlySilent() {
        try (Centre centre = Centre.start()) {
            centre.createRaw(MODEL);
            centre.node("edge-1", "");
            centre.createRaw(device("room", "\"nodeSelector\":{\"runtime.selvage.dev/process\":\"true\"}", "centre"));
            eventually(() -> assertThat(nodeOf(centre, "room")).isEqualTo("edge-1"));
            centre.node("edge-2", "");
            centre.silence("edge-1");
            eventually(() ->
                    assertThat(centre.condition(Kinds.NODE, "edge-1", "Ready")).isEqualTo("Unknown"));
            assertThat(nodeOf(centre, "room")).isEqualTo("edge-1");
            centre.delete(ObjectKey.cluster(Kinds.NODE, "edge-1"));
            eventually(() -> assertThat(nodeOf(centre, "room")).isEqualTo("edge-2"));
        }
    }

    @Test
    void aStreamIsCompiledAgainWhenItOrItsModelChanges() {
        try (Centre centre = Centre.start()) {
            centre.createRaw(MODEL);
            centre.createRaw(stream("warm", "SELECT device, temperature FROM `cold-room`", "\"uplink\":{}"));
            eventually(() -> assertThat(centre.condition(Kinds.STREAM, "warm", "Compiled"))
                    .isEqualTo("True"));
            ObjectNode plan = plan(centre, "warm");
            assertThat(plan.path("version").asInt()).isEqualTo(1);
            assertThat(plan.path("model").asText()).isEqualTo("cold-room");
            centre.change(
                    ObjectKey.of(Kinds.STREAM, "default", "warm"),
                    stream -> Json.child(stream, "spec")
                            .put("sql", "SELECT device, temperature * 2 AS t FROM `cold-room`"));
            eventually(() -> assertThat(plan(centre, "warm")).isNotEqualTo(plan));
            ObjectNode second = plan(centre, "warm");
            centre.change(
                    ObjectKey.cluster(Kinds.DEVICE_MODEL, "cold-room"),
                    model -> Json.child(model, "spec")
                            .putArray("properties")
                            .addObject()
                            .put("name", "humidity")
                            .put("type", "number"));
            eventually(() -> assertThat(centre.condition(Kinds.STREAM, "warm", "Compiled"))
                    .isEqualTo("False"));
            assertThat(centre.conditionMessage(Kinds.STREAM, "warm", "Compiled"))
                    .startsWith("line 1, column ")
                    .contains("temperature");
            assertThat(plan(centre, "warm")).isEqualTo(second);
        }
    }

    @Test
    void aSecondWriterThatSlippedInIsNamedOnBothSidesUntilItIsGone() {
        try (Centre centre = Centre.start()) {
            centre.createRaw(MODEL);
            centre.createRaw(device("room", "\"nodeName\":\"edge-1\"", "centre"));
            centre.createRaw(stream("keep-cold", CONTROL, "\"property\":{}"));
            eventually(() -> assertThat(centre.condition(Kinds.STREAM, "keep-cold", "Conflict"))
                    .isEqualTo("True"));
            assertThat(centre.conditionMessage(Kinds.STREAM, "keep-cold", "Conflict"))
                    .contains("compressor", "room", "centre");
            eventually(() -> assertThat(centre.conditionMessage(Kinds.DEVICE, "room", "Conflict"))
                    .contains("stream/keep-cold"));
            centre.change(
                    ObjectKey.of(Kinds.DEVICE, "default", "room"),
                    device -> ((ObjectNode)
                                    Json.at(device, "spec", "properties").get(1))
                            .put("authority", "stream/keep-cold"));
            eventually(() -> assertThat(centre.condition(Kinds.STREAM, "keep-cold", "Conflict"))
                    .isEqualTo("False"));
            eventually(() -> assertThat(centre.condition(Kinds.DEVICE, "room", "Conflict"))
                    .isEqualTo("False"));
        }
    }

    private static String nodeOf(Centre centre, String device) {
        return Json.textAt(centre.get(Kinds.DEVICE, device), "spec", "nodeName");
    }

    private static ObjectNode plan(Centre centre, String stream) {
        return (ObjectNode) Json.at(centre.get(Kinds.STREAM, stream), "status", "plan");
    }
}
