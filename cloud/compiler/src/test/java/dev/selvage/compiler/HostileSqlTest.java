package dev.selvage.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.LabelSelector;
import dev.selvage.model.StreamSpec;
import dev.selvage.model.plan.Sink;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Text that wants to hang or crash the compiler gets an answer, soon (issue 2, "Bad input"; design, "Security"). */
final class HostileSqlTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String FROM = " FROM `cold-room`";

    static Stream<String> hostile() {
        return Stream.of(
                "SELECT " + "(".repeat(5_000) + "1" + ")".repeat(5_000) + FROM,
                "SELECT device, " + "(".repeat(23) + "doors" + ")".repeat(23) + " AS x" + FROM,
                "SELECT device, " + "CASE WHEN doors = 1 THEN ".repeat(30) + "1" + " END".repeat(30) + " AS x" + FROM,
                "SELECT device, " + "CASE WHEN doors = 1 THEN ".repeat(20) + "1" + " ELSE 2 END".repeat(20) + " AS x"
                        + FROM,
                "SELECT device, " + "ABS(".repeat(23) + "doors" + ")".repeat(23) + " AS x" + FROM,
                "SELECT device, " + "COALESCE(".repeat(8) + "doors" + ", 1)".repeat(8) + " AS x" + FROM,
                "SELECT device, " + "CASE ".repeat(20) + "doors" + " WHEN 1 THEN 2 WHEN 3 THEN 4 END".repeat(20)
                        + " AS x" + FROM,
                "SELECT device, " + "COALESCE(".repeat(20) + "doors" + ", 1)".repeat(20) + " AS x" + FROM,
                "SELECT device, " + "NULLIF(".repeat(20) + "doors" + ", 1)".repeat(20) + " AS x" + FROM,
                "SELECT device, " + "(".repeat(20) + "compressor" + " IN (TRUE, FALSE, TRUE))".repeat(20) + " AS x"
                        + FROM,
                "SELECT device, " + "(".repeat(20) + "doors" + " BETWEEN 1 AND 2)".repeat(20) + " AS x" + FROM,
                "SELECT device, temperature" + FROM + " WHERE " + "NOT ".repeat(1_400) + "compressor",
                "SELECT device, " + "- ".repeat(1_400) + "doors AS x" + FROM,
                "SELECT device, doors" + " + doors".repeat(700) + " AS x" + FROM,
                "SELECT device, doors" + " + doors".repeat(90) + " AS x" + FROM,
                "SELECT device, temperature" + FROM + " WHERE " + "doors = 1 OR ".repeat(300) + "doors = 2",
                "SELECT device, temperature" + FROM + " WHERE doors IN (1" + ", 2".repeat(600) + ")",
                "SELECT " + "x".repeat(20_000) + FROM,
                "SELECT device, temperature AS " + "x".repeat(5_000) + FROM,
                "SELECT device, temperature" + FROM + " WHERE mode = '" + "x".repeat(15_000) + "'",
                "WITH " + "a AS (SELECT 1), ".repeat(100) + "b AS (SELECT 2) SELECT * FROM b",
                "SELECT device, 'unterminated" + FROM,
                "SELECT device, `unterminated" + FROM,
                "/* " + FROM,
                "",
                ";",
                "\u0000\uffff\ud800",
                "SELECT device, 1e999 AS x" + FROM,
                "SELECT device, " + "9".repeat(1_000) + " AS x" + FROM,
                "SELECT device, CAST(1e300 AS INT) AS x" + FROM,
                "SELECT device, CASE doors WHEN 1 THEN 10 WHEN 2 THEN 20202020202020202020 ELSE 0 END AS x" + FROM,
                "SELECT device, ROUND(temperature, 999999999) AS x" + FROM);
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void a_hostile_query_is_answered_soon(String sql) {
        assertThat(answer(sql)).isNotNull();
    }

    @Test
    void random_pieces_of_sql_never_crash_the_compiler() {
        long seed = 20_261_121;
        Random random = new Random(seed);
        List<String> words = List.of(
                "SELECT",
                "device",
                ",",
                "temperature",
                "AS",
                "x",
                "FROM",
                "`cold-room`",
                "WHERE",
                "(",
                ")",
                "CASE",
                "WHEN",
                "THEN",
                "ELSE",
                "END",
                "1",
                "2.5",
                "'a'",
                "NULL",
                "AND",
                "OR",
                "NOT",
                "IS",
                "+",
                "-",
                "*",
                "/",
                "=",
                "<",
                ">",
                "TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '1' SECOND))",
                "GROUP BY",
                "window_start",
                "window_end",
                "AVG(",
                "COUNT(*)",
                "COALESCE(",
                "IN",
                "BETWEEN",
                "CAST(",
                "INT",
                "HAVING",
                "ts",
                "?",
                ";");
        for (int i = 0; i < 400; i++) {
            StringBuilder sql = new StringBuilder(i % 2 == 0 ? "SELECT device, " : "");
            for (int n = random.nextInt(25); n >= 0; n--) {
                sql.append(words.get(random.nextInt(words.size()))).append(' ');
            }
            sql.append(i % 4 == 0 ? " AS y FROM `cold-room`" : "");
            assertThat(answer(sql.toString())).as("seed %d: %s", seed, sql).isNotNull();
        }
    }

    private static CompileResult answer(String sql) {
        StreamSpec spec = new StreamSpec(sql, LabelSelector.EVERYTHING, new Sink.Uplink("live"));
        return Assertions.assertTimeoutPreemptively(
                SOON, () -> new StreamCompiler().compile(spec, StreamCompilerTest.CATALOG));
    }
}
