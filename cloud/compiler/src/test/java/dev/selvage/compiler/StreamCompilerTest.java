package dev.selvage.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.DeviceModel;
import dev.selvage.model.Json;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.StreamSpec;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.PlanCodec;
import dev.selvage.model.plan.Sink;
import dev.selvage.model.plan.Window;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is compiled and how the rest is refused: with position, finding and what is accepted (issue 2, "Bad input"). */
final class StreamCompilerTest {
    static final Catalog CATALOG = new Catalog(Map.of("cold-room", DeviceModel.of(Json.parseObject("""
            {"metadata": {"name": "cold-room"}, "spec": {"properties": [
              {"name": "temperature", "type": "number", "access": "read"},
              {"name": "setpoint", "type": "number", "access": "readWrite"},
              {"name": "doors", "type": "integer", "access": "readWrite"},
              {"name": "mode", "type": "string", "access": "readWrite"},
              {"name": "value", "type": "number", "access": "read"},
              {"name": "compressor", "type": "boolean", "access": "readWrite"}]}}"""))));
    private static final String WINDOW = " FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '10' SECOND))"
            + " GROUP BY device, window_start, window_end";

    @Test
    void the_ten_second_average_of_first_light_compiles_to_one_aggregate() {
        Plan plan = compiled("SELECT device, window_start, window_end, AVG(temperature) AS temperature" + WINDOW, true);
        assertThat(Json.text(PlanCodec.write(plan)))
                .isEqualTo("{\"version\":1,\"model\":\"cold-room\",\"sink\":{\"uplink\":{\"lane\":\"live\"}},"
                        + "\"window\":{\"sizeMillis\":10000,\"aggregates\":[{\"function\":\"avg\",\"type\":\"double\","
                        + "\"argument\":{\"column\":\"temperature\",\"type\":\"double\"}}]},"
                        + "\"values\":[{\"name\":\"temperature\",\"expr\":{\"result\":0,\"type\":\"double\"}}]}");
    }

    @Test
    void the_hysteresis_of_first_light_compiles_for_the_property_sink() {
        Plan plan = compiled(
                "SELECT device, CASE WHEN temperature > 5 THEN TRUE WHEN temperature < 3 THEN FALSE ELSE compressor END"
                        + " AS compressor FROM `cold-room`;\n",
                false);
        assertThat(plan.sink()).isEqualTo(new Sink.Property());
        assertThat(plan.values()).extracting(Plan.Output::name).containsExactly("compressor");
    }

    @Test
    void filters_before_and_after_the_window_keep_their_places() {
        Plan plan = compiled(
                "SELECT device, COUNT(*) AS n, MAX(temperature) - MIN(temperature) AS span"
                        + " FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' SECOND))"
                        + " WHERE compressor AND temperature BETWEEN -40 AND 80"
                        + " GROUP BY window_start, window_end, device HAVING COUNT(*) > 3",
                true);
        assertThat(plan.filter()).isNotNull();
        Window window = Objects.requireNonNull(plan.window());
        assertThat(window.having()).isNotNull();
        assertThat(window.sizeMillis()).isEqualTo(60_000);
        assertThat(window.offsetMillis()).isEqualTo(5_000);
        assertThat(window.aggregates()).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            SELECT device, temprature FROM `cold-room`                       | 1 | 16 | Column 'temprature' not found
            SELECT device, Temperature FROM `cold-room`                      | 1 | 16 | Column 'Temperature' not found
            SELECT device, temperature FROM `warm-room`                      | 1 | 33 | no DeviceModel warm-room
            SELECT device, temperature FRUM `cold-room`                      | 1 | 33 | Encountered
            SELECT device, value FROM `cold-room`                            | 1 | 16 | Encountered "value"
            SELECT device temperature, FROM `cold-room`                      | 1 | 28 | Incorrect syntax near the keyword 'FROM'
            SELECT device, temperature FROM `cold-room` WHERE device > 5     | 1 | 51 | > of VARCHAR and INTEGER
            SELECT device, temperature FROM `cold-room` WHERE temperature    | 1 | 51 | WHERE clause must be a condition
            SELECT device, SQRT(temperature) AS t FROM `cold-room`           | 1 | 16 | SQRT is not supported
            SELECT device, AVG(temperature) AS t FROM `cold-room`            | 1 | 16 | AVG without a window
            SELECT device, temperature AS device FROM `cold-room`            | 1 | 16 | device stands twice
            SELECT temperature FROM `cold-room`                              | 1 | 8  | column device is missing
            SELECT device, ts FROM `cold-room`                               | 1 | 8  | yields no value
            SELECT device, temperature + 1 FROM `cold-room`                  | 1 | 16 | has no name
            SELECT device, mode FROM `cold-room`                             | 1 | 16 | mode is VARCHAR
            SELECT device, ts AS t FROM `cold-room`                          | 1 | 16 | t is TIMESTAMP
            SELECT device, doors * 1.5 AS d FROM `cold-room`                 | 1 | 16 | computed in DECIMAL
            SELECT device, CAST(doors AS DECIMAL(4, 1)) AS d FROM `cold-room` | 1 | 30 | CAST to DECIMAL
            SELECT DISTINCT device, temperature FROM `cold-room`             | 1 | 1  | DISTINCT is not accepted
            SELECT device, temperature FROM `cold-room` ORDER BY ts          | 1 | 54 | ORDER_BY is not accepted
            SELECT device, temperature FROM `cold-room` a, `cold-room` b     | 1 | 46 | a join
            SELECT device, temperature FROM (SELECT * FROM `cold-room`)      | 1 | 34 | a subquery
            SELECT device, temperature FROM `cold-room` WHERE temperature > (SELECT 1) | 1 | 65 | a subquery
            SELECT device, temperature FROM `cold-room` WHERE temperature > ? | 1 | 65 | parameter
            SELECT device, temperature FROM `cold-room` GROUP BY device      | 1 | 45 | GROUP BY without a window
            DELETE FROM `cold-room`                                          | 1 | 1  | DELETE is not accepted
            SELECT device, ROUND(temperature, doors) AS t FROM `cold-room`   | 1 | 16 | Cannot apply 'ROUND'
            SELECT device, temperature FROM `cold-room` WHERE temperature <> 'x' | 1 | 51 | <> of DOUBLE and CHAR
            SELECT device, temperature FROM `cold-room` WHERE temperature != 1 | 1 | 63 | not allowed under the current SQL
            SELECT device, AVG(temperature) AS t FROM TABLE(HOP(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '2' SECOND)) GROUP BY device, window_start, window_end | 1 | 49 | HOP is not supported
            SELECT device, AVG(temperature) AS t FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '1' MONTH)) GROUP BY device, window_start, window_end | 1 | 91 | no interval
            SELECT device, AVG(temperature) AS t FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '2' DAY)) GROUP BY device, window_start, window_end | 1 | 91 | a window of 172800000 ms
            SELECT device, AVG(temperature) AS t FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(device), INTERVAL '1' DAY)) GROUP BY device, window_start, window_end | 1 | 75 | DESCRIPTOR(ts)
            SELECT device, AVG(temperature) AS t FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY device | 1 | 110 | GROUP BY device
            SELECT device, temperature AS t FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY device, window_start, window_end | 1 | 16 | 'temperature' is not being grouped
            SELECT device, COUNT(DISTINCT doors) AS t FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY device, window_start, window_end | 1 | 16 | COUNT of DISTINCT
            SELECT device, MAX(mode) AS t FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY device, window_start, window_end | 1 | 16 | MAX of VARCHAR
            SELECT device, MAX(AVG(doors)) AS t FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY device, window_start, window_end | 1 | 16 | Aggregate expressions cannot be nested
            """)
    void what_is_not_accepted_is_refused_with_its_position(String sql, int line, int column, String message) {
        SqlError error = refused(sql, true);
        assertThat(error.toString()).contains(message);
        assertThat(error.line()).as(error.toString()).isEqualTo(line);
        assertThat(error.column()).as(error.toString()).isEqualTo(column);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            SELECT device, temperature FROM `cold-room`                   | no writable property of cold-room
            SELECT device, TRUE AS cooler FROM `cold-room`                | accepted: setpoint, doors, mode, compressor
            SELECT device, 1 AS compressor FROM `cold-room`               | compressor is INT, the property is boolean
            SELECT device, temperature AS doors FROM `cold-room`          | doors is DOUBLE, the property is integer
            SELECT device, doors AS mode FROM `cold-room`                 | mode is BIGINT, the property is string
            """)
    void a_property_sink_takes_only_writable_properties_of_their_type(String sql, String message) {
        assertThat(refused(sql, false).toString()).contains(message);
    }

    @Test
    void a_position_is_counted_in_lines_of_the_query() {
        SqlError error = refused("SELECT device,\n  -- a comment\n  humidity\nFROM `cold-room`", true);
        assertThat(error.toString())
                .isEqualTo("line 3, column 3: Column 'humidity' not found in any table; accepted: device, ts,"
                        + " temperature, setpoint, doors, mode, value, compressor");
    }

    static Plan compiled(String sql, boolean uplink) {
        return switch (compile(sql, uplink)) {
            case CompileResult.Compiled(Plan plan) -> plan;
            case CompileResult.Rejected rejected -> throw new AssertionError(sql + ": " + rejected.errors());
        };
    }

    static SqlError refused(String sql, boolean uplink) {
        return switch (compile(sql, uplink)) {
            case CompileResult.Compiled(Plan plan) -> throw new AssertionError("accepted: " + plan);
            case CompileResult.Rejected rejected -> rejected.errors().getFirst();
        };
    }

    private static CompileResult compile(String sql, boolean uplink) {
        Sink sink = uplink ? new Sink.Uplink("live") : new Sink.Property();
        return new StreamCompiler().compile(new StreamSpec(sql, LabelSelector.EVERYTHING, sink), CATALOG);
    }
}
