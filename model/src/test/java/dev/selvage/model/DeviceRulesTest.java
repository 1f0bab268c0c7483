package dev.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the centre refuses of Devices and DeviceModels, and how it says so (issue 2, "Bad input"). */
class DeviceRulesTest {
    private static final String MODEL = """
            {"metadata": {"name": "cold-room"}, "spec": {"properties": [
              {"name": "temperature", "type": "number", "unit": "Cel", "range": {"min": -40, "max": 80}},
              {"name": "energy", "type": "integer"},
              {"name": "note", "type": "string"},
              {"name": "limit", "type": "number", "access": "readWrite", "range": {"min": 0, "max": 10}},
              {"name": "compressor", "type": "boolean", "access": "readWrite"}]}}""";

    private static final String DEVICE = """
            {"metadata": {"name": "room-1", "namespace": "first-light"}, "spec": {"model": "cold-room", "interval": "200ms",
              "modbusTcp": {"host": "127.0.0.1", "port": 5020, "unit": 1, "timeout": "1s"},
              "properties": [
                {"name": "temperature", "modbusTcp": {"table": "input", "address": 0, "type": "int16", "scale": 0.01}},
                {"name": "compressor", "modbusTcp": {"table": "coil", "address": 0},
                 "failSafe": {"value": false, "after": "5s"},
                 "desired": {"value": true, "validUntil": "2026-11-21T10:00:00Z"}}]}}""";

    @Test
    void aRightDeviceAndModelAreAccepted() {
        assertThat(DeviceRules.check(Json.parseObject(DEVICE), Json.parseObject(MODEL)))
                .isEmpty();
        assertThat(DeviceRules.checkModel(Json.parseObject(MODEL))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "address": 0, "type": "int16" | "address": 65536, "type": "int16" | spec.properties[0].modbusTcp.address | 65536 | a whole number from 0 to 65535
            "address": 0, "type": "int16" | "address": -1, "type": "int16"    | spec.properties[0].modbusTcp.address | -1 | a whole number from 0 to 65535
            "address": 0, "type": "int16" | "address": 65535, "type": "int32" | spec.properties[0].modbusTcp.address | 65535 | a whole number from 0 to 65534, because int32 takes 2 registers
            "address": 0, "type": "int16" | "address": 65533, "type": "float64" | spec.properties[0].modbusTcp.address | 65533 | a whole number from 0 to 65532, because float64 takes 4 registers
            "type": "int16"               | "type": "int24"                   | spec.properties[0].modbusTcp.type | int24 | one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64
            "table": "input"              | "table": "register"               | spec.properties[0].modbusTcp.table | register | coil, discrete, input or holding
            "scale": 0.01                 | "scale": 0                        | spec.properties[0].modbusTcp.scale | 0 | a number from -1e15 to 1e15 except 0
            "scale": 0.01                 | "wordOrder": "middle"             | spec.properties[0].modbusTcp.wordOrder | middle | highFirst or lowFirst
            "name": "temperature"         | "name": "humidity"                | spec.properties[0].name | humidity | a property of the DeviceModel cold-room: temperature, energy, note, limit, compressor
            "name": "temperature"         | "name": "compressor"              | spec.properties[1].name | compressor | each property once
            "table": "coil"               | "table": "discrete"               | spec.properties[1].modbusTcp.table | discrete | coil or holding, because the model makes compressor writable
            "interval": "200ms"           | "interval": "1ms"                 | spec.interval | 1ms | a duration such as 200ms, 5s, 10m, 1h30m, from 10ms to 1h
            "interval": "200ms"           | "interval": "soon"                | spec.interval | soon | a duration such as 200ms, 5s, 10m, 1h30m, from 10ms to 1h
            "timeout": "1s"               | "timeout": "2m"                   | spec.modbusTcp.timeout | 2m | a duration such as 200ms, 5s, 10m, 1h30m, from 10ms to 1m
            "after": "5s"                 | "after": "never"                  | spec.properties[1].failSafe.after | never | a duration such as 200ms, 5s, 10m, 1h30m, from 100ms to 30d
            "value": false                | "value": 0                        | spec.properties[1].failSafe.value | 0 | a value of type boolean
            "value": true                 | "value": "on"                     | spec.properties[1].desired.value | on | a value of type boolean
            "2026-11-21T10:00:00Z"        | "tomorrow"                        | spec.properties[1].desired.validUntil | tomorrow | a time such as 2026-11-21T10:00:00Z
            "failSafe":                   | "authority": "anyone", "failSafe": | spec.properties[1].authority | anyone | centre, site or stream/NAME
            "failSafe":                   | "authority": "site", "failSafe":  | spec.properties[1].desired | {"value":true,"validUntil":"2026-11-21T10:00:00Z"} | nothing, because the authority of compressor is site
            "modbusTcp": {"host"          | "opcUa": {}, "modbusTcp": {"host" | spec | opcUa and modbusTcp | exactly one protocol block, of [modbusTcp]
            "modbusTcp": {"host"          | "opcUa": {"host"                  | spec | opcUa | exactly one protocol block, of [modbusTcp]
            "scale": 0.01}                | "scale": 0.01}, "authority": "site" | spec.properties[0].authority | site | nothing, because the DeviceModel makes temperature read-only
            """, quoteCharacter = '`')
    void aWrongDeviceIsToldFieldFoundAndAccepted(
            String right, String wrong, String path, String found, String accepted) {
        ObjectNode device = Json.parseObject(DEVICE.replaceFirst(java.util.regex.Pattern.quote(right), wrong));
        assertThat(DeviceRules.check(device, Json.parseObject(MODEL))).contains(new FieldError(path, found, accepted));
    }

    @Test
    void aValueOutsideTheModelsRangeOrOfAnotherTypeIsRefused() {
        String device = DEVICE.replace("\"compressor\"", "\"limit\"")
                .replace("\"coil\"", "\"holding\"")
                .replace("\"value\": false", "\"value\": 10.5")
                .replace("\"value\": true", "\"value\": 3");
        assertThat(DeviceRules.check(Json.parseObject(device), Json.parseObject(MODEL)))
                .containsExactly(new FieldError(
                        "spec.properties[1].failSafe.value", "10.5", "within the DeviceModel's range, 0.0 to 10.0"));
        String text = DEVICE.replace("\"temperature\"", "\"note\"");
        assertThat(DeviceRules.check(Json.parseObject(text), Json.parseObject(MODEL)))
                .extracting(FieldError::path)
                .containsExactly("spec.properties[0].modbusTcp.type");
    }

    @Test
    void aModelCannotHideAColumnOrNameAPropertyTwice() {
        ObjectNode model = Json.parseObject("""
                {"spec": {"properties": [{"name": "Device", "type": "number"}, {"name": "a", "type": "number"},
                 {"name": "A", "type": "boolean", "range": {"min": 3, "max": 2}}]}}""");
        assertThat(DeviceRules.checkModel(model))
                .extracting(FieldError::path)
                .isEqualTo(List.of(
                        "spec.properties[0].name",
                        "spec.properties[2].name",
                        "spec.properties[2].range",
                        "spec.properties[2].range"));
    }

    @Test
    void theTypedViewAppliesTheDefaults() {
        Device device = Device.of(Json.parseObject(DEVICE.replace("\"interval\": \"200ms\",", "")));
        assertThat(device.interval()).isEqualTo(Device.DEFAULT_INTERVAL);
        assertThat(device.protocol()).isEqualTo("modbusTcp");
        assertThat(device.properties().get(1).authority()).isEqualTo(WriteAuthority.CENTRE);
        ModbusAddress address = ModbusAddress.of(device.properties().get(1).address());
        assertThat(address.type()).isEqualTo(ModbusType.BOOL);
        assertThat(address.end()).isEqualTo(1);
    }
}
