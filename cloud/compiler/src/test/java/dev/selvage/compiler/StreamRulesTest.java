package dev.selvage.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.FieldError;
import dev.selvage.model.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Admission's rules of a Stream: precise SQL errors, and one writer for a property (issue 2, "Bad input"). */
final class StreamRulesTest {
    private static final List<ObjectNode> MODELS = List.of(Json.parseObject("""
            {"metadata": {"name": "cold-room"}, "spec": {"properties": [
              {"name": "temperature", "type": "number", "access": "read"},
              {"name": "compressor", "type": "boolean", "access": "readWrite"}]}}"""));

    @Test
    void an_sql_error_names_field_position_finding_and_what_is_accepted() {
        ObjectNode stream = stream("SELECT device,\\n humidity FROM `cold-room`", "{\"uplink\": {\"lane\": \"live\"}}");
        assertThat(StreamRules.check(stream, MODELS))
                .extracting(FieldError::toString)
                .containsExactly("spec.sql: Invalid value: line 2, column 2: Column 'humidity' not found in any table:"
                        + " accepted: device, ts, temperature, compressor");
    }

    @Test
    void a_stream_has_exactly_one_sink_and_a_known_lane() {
        String sql = "SELECT device, temperature FROM `cold-room`";
        assertThat(StreamRules.check(stream(sql, "{}"), MODELS))
                .extracting(FieldError::path)
                .containsExactly("spec.sink");
        assertThat(StreamRules.check(stream(sql, "{\"uplink\": {}, \"property\": {}}"), MODELS))
                .extracting(FieldError::path)
                .containsExactly("spec.sink");
        assertThat(StreamRules.check(stream(sql, "{\"uplink\": {\"lane\": \"fast\"}}"), MODELS))
                .extracting(FieldError::path)
                .containsExactly("spec.sink.uplink.lane");
    }

    @Test
    void a_second_writer_of_a_property_is_refused_from_either_side() {
        ObjectNode stream =
                stream("SELECT device, temperature > 5 AS compressor FROM `cold-room`", "{\"property\": {}}");
        List<ObjectNode> devices = List.of(
                device("room-1", "shop", "stream/keep-cold"),
                device("room-2", "shop", "site"),
                device("room-3", "bank", "centre"));
        assertThat(StreamRules.checkWriters(stream, MODELS, devices))
                .extracting(FieldError::found)
                .containsExactly("property compressor of Device room-2, whose authority is site");
        assertThat(StreamRules.checkDevice(devices.get(0), MODELS, List.of(stream)))
                .isEmpty();
        assertThat(StreamRules.checkDevice(devices.get(1), MODELS, List.of(stream)))
                .extracting(FieldError::path)
                .containsExactly("spec.properties[1].authority");
        assertThat(StreamRules.checkDevice(devices.get(2), MODELS, List.of(stream)))
                .isEmpty();
    }

    private static ObjectNode stream(String sql, String sink) {
        return Json.parseObject(
                "{\"metadata\": {\"namespace\": \"shop\", \"name\": \"keep-cold\"}, \"spec\": {\"sql\": \"" + sql
                        + "\", \"sink\": " + sink + "}}");
    }

    private static ObjectNode device(String name, String namespace, String authority) {
        return Json.parseObject("""
                {"metadata": {"namespace": "%s", "name": "%s"}, "spec": {"model": "cold-room",
                 "modbusTcp": {"host": "127.0.0.1", "port": 5020}, "properties": [
                  {"name": "temperature", "modbusTcp": {"table": "input", "address": 0}},
                  {"name": "compressor", "authority": "%s", "modbusTcp": {"table": "coil", "address": 0}}]}}""".formatted(namespace, name, authority));
    }
}
