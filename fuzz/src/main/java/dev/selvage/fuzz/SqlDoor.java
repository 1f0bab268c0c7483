package dev.selvage.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.compiler.Catalog;
import dev.selvage.compiler.CompileResult;
import dev.selvage.compiler.StreamCompiler;
import dev.selvage.model.DeviceModel;
import dev.selvage.model.Json;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.StreamSpec;
import dev.selvage.model.plan.Sink;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stream SQL, mutated from the golden corpus: a plan or errors come back, within bounds of time and memory. */
public final class SqlDoor implements Door {
    /** Characters of a repeated part: what was repeated before is drawn again, and would grow without end. */
    private static final int LONGEST = 1 << 20;

    private static final Pattern TOKEN = Pattern.compile("\\s+|`[^`]*`|'[^']*'|\\w+|.", Pattern.DOTALL);
    private static final List<String> PIECES = List.of(
            "(",
            ")",
            "CASE WHEN",
            "END",
            "NOT",
            "-",
            "NULL",
            "COALESCE(",
            "NULLIF(",
            "ABS(",
            "CAST(",
            " AS INT)",
            "IN (1, 2)",
            "BETWEEN 1 AND 2",
            "1e308",
            "9223372036854775807",
            "0.1",
            "'x'",
            "INTERVAL '1' SECOND",
            "DESCRIPTOR(ts)",
            "ts",
            "*",
            "device",
            "UNION ALL",
            "SELECT 1",
            "JOIN",
            "OVER ()",
            "DISTINCT",
            "ORDER BY 1",
            "GROUP BY",
            "HAVING",
            "EXISTS",
            "ROW(1, 2)",
            "ARRAY[1]",
            "window_start",
            "/*",
            "--",
            ";",
            "?",
            "U&'\\ffff'",
            "X'00'",
            "CURRENT_TIMESTAMP",
            "MATCH_RECOGNIZE");
    /** What one query may allocate while it is compiled. */
    private static final long MOST_BYTES = 1L << 30;

    private final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final StreamCompiler compiler = new StreamCompiler();
    private final List<String> corpus = new ArrayList<>();
    private final Catalog catalog = new Catalog(Map.of("cold-room", DeviceModel.of(Json.parseObject("""
            {"metadata": {"name": "cold-room"}, "spec": {"properties": [
              {"name": "temperature", "type": "number", "access": "read"},
              {"name": "setpoint", "type": "number", "access": "readWrite"},
              {"name": "doors", "type": "integer", "access": "readWrite"},
              {"name": "mode", "type": "string", "access": "readWrite"},
              {"name": "value", "type": "number", "access": "read"},
              {"name": "compressor", "type": "boolean", "access": "readWrite"}]}}"""))));

    /** @param root the checkout, which holds the corpus */
    public SqlDoor(Path root) throws IOException {
        Path file = root.resolve("cloud/compiler/src/test/resources/dev/selvage/compiler/corpus.json");
        for (JsonNode one : Json.parseObject(Files.readAllBytes(file)).path("cases")) {
            corpus.add(one.path("sql").asText());
        }
    }

    @Override
    public String name() {
        return "sql";
    }

    @Override
    public long heapGrowth() {
        return 64L << 20; // Calcite generates and caches classes
    }

    @Override
    public String attempt(Draw draw) throws BrokenException {
        String sql = draw.sent(query(draw));
        Sink sink = draw.chance(60) ? new Sink.Uplink("live") : new Sink.Property();
        long before = threads.getCurrentThreadAllocatedBytes();
        CompileResult result = compiler.compile(new StreamSpec(sql, LabelSelector.EVERYTHING, sink), catalog);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        if (allocated > MOST_BYTES) {
            throw new BrokenException("one query of " + sql.length() + " characters took " + allocated + " bytes");
        }
        return switch (result) {
            case CompileResult.Compiled _ -> "compiled";
            case CompileResult.Rejected rejected -> {
                if (rejected.errors().isEmpty()) {
                    throw new BrokenException("rejected without a reason");
                }
                yield "rejected";
            }
        };
    }

    private String query(Draw draw) {
        List<String> tokens = tokens(draw.of(corpus));
        for (int n = 1 + (draw.chance(60) ? draw.below(2) : draw.below(12)); n > 0; n--) {
            change(draw, tokens);
        }
        String sql = String.join("", tokens);
        return draw.chance(10)
                ? new String(
                        Bytes.mutate(draw, sql.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                        java.nio.charset.StandardCharsets.UTF_8)
                : sql;
    }

    private static List<String> tokens(String sql) {
        List<String> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(sql);
        while (matcher.find()) {
            tokens.add(matcher.group());
        }
        return tokens;
    }

    private void change(Draw draw, List<String> tokens) {
        int at = tokens.isEmpty() ? 0 : draw.below(tokens.size());
        switch (draw.below(9)) {
            case 0 -> {
                if (!tokens.isEmpty()) {
                    tokens.remove(at);
                }
            }
            case 1 -> tokens.add(at, " " + draw.of(PIECES) + " ");
            case 2 -> {
                List<String> other = tokens(draw.of(corpus));
                int from = draw.below(other.size());
                tokens.addAll(at, other.subList(from, Math.min(other.size(), from + 1 + draw.below(15))));
            }
            case 3 -> nest(draw, tokens, at);
            case 4 -> tokens.add(at, " " + draw.number() + " ");
            case 5 -> tokens.add(at, draw.word());
            case 6 -> repeat(draw, tokens, at);
            default -> {
                if (!tokens.isEmpty()) {
                    tokens.set(at, draw.of(tokens(draw.of(corpus))));
                }
            }
        }
    }

    /** What is nested or repeated is where parsers and planners go wrong. */
    private static void nest(Draw draw, List<String> tokens, int at) {
        int depth = 1 + draw.below(draw.chance(20) ? 2_000 : 24);
        List<List<String>> shapes = List.of(
                List.of("(", ")"),
                List.of("ABS(", ")"),
                List.of("COALESCE(", ", 1)"),
                List.of("CASE WHEN doors = 1 THEN ", " ELSE 2 END"),
                List.of("NOT ", ""),
                List.of("(", " IN (1, 2, 3))"),
                List.of("NULLIF(", ", 7)"),
                List.of("CAST(", " AS DOUBLE)"),
                List.of("(SELECT ", ")"));
        List<String> shape = draw.of(shapes);
        String inner = tokens.isEmpty() ? "doors" : tokens.remove(at);
        tokens.add(
                Math.min(at, tokens.size()),
                shape.getFirst().repeat(depth) + inner + shape.getLast().repeat(depth));
    }

    private static void repeat(Draw draw, List<String> tokens, int at) {
        if (!tokens.isEmpty()) {
            int until = Math.min(tokens.size(), at + 1 + draw.below(8));
            String part = String.join("", tokens.subList(at, until));
            int times = 1 + draw.below(draw.chance(20) ? 800 : 10);
            tokens.add(at, part.repeat(Math.clamp(LONGEST / Math.max(1, part.length()), 1, times)));
        }
    }
}
