package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 2, "Bad input": each gets a precise error and changes nothing, and the cold room's loop goes on meanwhile. */
class BadInputTest {
    @TempDir
    static Path directory;

    private static Selvage selvage;

    @BeforeAll
    static void up() {
        selvage = new Selvage(directory.resolve("home")).up();
    }

    @AfterAll
    static void down() {
        selvage.close();
    }

    @AfterEach
    void theLoopGoesOn() {
        long before = keepCold().path("readings").asLong();
        Eventually.within(
                Eventually.LIMIT,
                "further readings in the loop",
                () -> keepCold().path("readings").asLong() > before);
        assertThat(Json.textAt(keepCold(), "state")).as("%s", keepCold()).isEqualToIgnoringCase("running");
    }

    @Test
    void yamlThatIsNoYamlIsRefused() {
        assertThat(unchangedBy("apiVersion: v1\nkind: [ConfigMap", "apply", "-f", "-"))
                .contains("yaml", "line 2");
    }

    @Test
    void anUnknownFieldIsNamedByItsPath() {
        assertThat(apply(device("interval: 200ms", "intervall: 200ms")))
                .containsPattern(unknownField("Device", "spec", "intervall"));
        assertThat(apply(device("scale: 0.01", "scaling: 0.01")))
                .containsPattern(unknownField("Device", "spec.properties[0].modbusTcp", "scaling"));
        assertThat(apply(
                        new ShellPod("typo", "true").container("\"comand\": []").manifest()))
                .containsPattern(unknownField("Pod", "spec.containers[0]", "comand"));
    }

    /** The server's words, or those of a kubectl before 1.27, which checks by the schema that the server publishes. */
    private static Pattern unknownField(String kind, String path, String field) {
        return Pattern.compile(Pattern.quote("unknown field \"" + path + "." + field + "\"") + "|"
                + Pattern.quote("ValidationError(" + kind + "." + path + "): unknown field \"" + field + "\""));
    }

    @Test
    void aFieldOfTheWrongTypeOrValueIsNamedByItsPath() {
        assertThat(apply(device("interval: 200ms", "interval: 200")))
                .contains("spec.interval: ", "must be of type string: \"integer\"");
        assertThat(apply(device("interval: 200ms", "interval: soon"))).contains("spec.interval: ", "soon");
        assertThat(apply(device("table: input", "table: inputs")))
                .contains("spec.properties[0].modbusTcp.table: ", "\"inputs\"", "\"input\"");
        assertThat(apply(device("model: cold-room", "model: warm-room")))
                .contains(
                        "Device \"room-2\" is invalid: spec.model: Invalid value: \"warm-room\": the name of a DeviceModel that exists");
    }

    @Test
    void aFieldOfAPodThatIsNotHonouredIsNamed() {
        assertThat(apply(new ShellPod("input", "true")
                        .container("\"stdin\": true")
                        .manifest()))
                .contains("spec.containers[0].stdin: Forbidden: this field is not honoured here");
        assertThat(apply(new ShellPod("shared", "true")
                        .spec("\"shareProcessNamespace\": true")
                        .manifest()))
                .contains("spec.shareProcessNamespace: Forbidden: this field is not honoured here");
        assertThat(apply(new ShellPod("root", "true")
                        .container("\"securityContext\": {\"privileged\": true}")
                        .manifest()))
                .contains("spec.containers[0].securityContext.privileged: Unsupported value: true");
        assertThat(apply(new ShellPod("image", "true").manifest().replace("\"host\"", "\"nginx:1.29\"")))
                .contains("spec.containers[0].image: Invalid value: \"nginx:1.29\"", "\"host\"");
    }

    @Test
    void sqlThatDoesNotParseIsRefusedWithItsPosition() {
        assertThat(apply(stream("SELECT device, FROM `cold-room`", "uplink: {lane: live}")))
                .contains("spec.sql: ", "line 1, column 16");
    }

    @Test
    void sqlThatNamesAnUnknownPropertyIsRefusedWithItsPosition() {
        assertThat(apply(stream("SELECT device,\n  humidity\nFROM `cold-room`", "uplink: {lane: live}")))
                .contains("spec.sql: ", "line 2, column 3", "humidity", "temperature");
        assertThat(apply(stream("SELECT device, temperature FROM `warm-room`", "uplink: {lane: live}")))
                .contains("spec.sql: ", "line 1, column 33", "warm-room", "cold-room");
    }

    @Test
    void aBadChangeOfARunningStreamLeavesItAsItWas() {
        String patch = "{\"spec\": {\"sql\": \"SELECT device, temprature > 5 AS compressor FROM `cold-room`\"}}";
        assertThat(unchangedBy("", "patch", "stream", "keep-cold", "-n", "first-light", "--type=merge", "-p", patch))
                .contains("spec.sql: ", "line 1, column 16", "temprature");
    }

    @Test
    void aModbusAddressOutOfRangeIsNamedByItsPath() {
        assertThat(apply(device("address: 7", "address: 70000")))
                .contains("spec.properties[0].modbusTcp.address: ", "70000", "65535");
        assertThat(apply(device("address: 7", "address: -1")))
                .contains("spec.properties[0].modbusTcp.address: ", "-1", "0");
        assertThat(apply(device("address: 7, type: int16", "address: 65535, type: uint32")))
                .contains("spec.properties[0].modbusTcp.address: ", "65535", "0 to 65534", "uint32 takes 2 registers");
    }

    @Test
    void aSecondWriterOfAPropertyIsRefused() {
        assertThat(apply(stream("SELECT device, door AS compressor FROM `cold-room`", "property: {}")))
                .contains("spec.sink.property: ", "compressor of Device room-1", "stream/keep-cold", "stream/second");
        String patch = """
                [{"op": "replace", "path": "/spec/properties/4/authority", "value": "site"}]""";
        assertThat(unchangedBy("", "patch", "device", "room-1", "-n", "first-light", "--type=json", "-p", patch))
                .contains("spec.properties[4].authority: ", "site", "stream/keep-cold");
    }

    @Test
    void aModelThatIsInUseIsNotDeleted() {
        assertThat(unchangedBy("", "delete", "devicemodel", "cold-room"))
                .contains("in use by Device first-light/room-1");
    }

    private static String apply(String manifest) {
        return unchangedBy(manifest, "apply", "-f", "-");
    }

    /** Runs a kubectl that must be refused and change nothing; returns what it said. */
    private static String unchangedBy(String input, String... arguments) {
        Map<String, String> before = declared();
        String output = selvage.kubectlWithInput(input, arguments).failed().output();
        assertThat(declared()).as(output).isEqualTo(before);
        assertThat(output).doesNotContain("Exception", "\tat ");
        return output;
    }

    /** What people have declared: name, identity and generation, which moves with each change of a spec. */
    private static Map<String, String> declared() {
        Map<String, String> found = new TreeMap<>();
        JsonNode items = selvage.get("namespaces,pods,configmaps,devicemodels,devices,streams", "-A")
                .path("items");
        for (JsonNode item : items) {
            ObjectNode object = (ObjectNode) item;
            String state = Meta.uid(object) + " " + Meta.generation(object) + " " + Meta.deleting(object) + " "
                    + object.path("spec") + object.path("data");
            found.put(Json.textAt(item, "kind") + " " + Meta.namespace(object) + "/" + Meta.name(object), state);
        }
        return found;
    }

    private static JsonNode keepCold() {
        return StreamSupport.stream(selvage.node("/status").path("streams").spliterator(), false)
                .filter(stream -> Json.textAt(stream, "name").equals("keep-cold"))
                .findFirst()
                .orElseThrow();
    }

    /** A Device that would be accepted, but for one text that is replaced by another. */
    private static String device(String good, String bad) {
        String yaml = """
                apiVersion: selvage.dev/v1alpha1
                kind: Device
                metadata: {name: room-2, namespace: first-light}
                spec:
                  model: cold-room
                  nodeName: edge-1
                  interval: 200ms
                  modbusTcp: {host: 127.0.0.1, port: 5020, unit: 2, timeout: 1s}
                  properties:
                  - name: temperature
                    modbusTcp: {table: input, address: 7, type: int16, scale: 0.01}
                """;
        assertThat(yaml).contains(good);
        return yaml.replace(good, bad);
    }

    private static String stream(String sql, String sink) {
        return """
                apiVersion: selvage.dev/v1alpha1
                kind: Stream
                metadata: {name: second, namespace: first-light}
                spec:
                  sql: |
                    %s
                  sink: {%s}
                """.formatted(sql.replace("\n", "\n    "), sink);
    }
}
