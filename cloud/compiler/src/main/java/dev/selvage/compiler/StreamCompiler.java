package dev.selvage.compiler;

import dev.selvage.model.DeviceModel;
import dev.selvage.model.StreamSpec;
import dev.selvage.model.plan.Expr;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.PlanCodec;
import dev.selvage.model.plan.PlanReading;
import dev.selvage.model.plan.Window;
import java.util.List;
import java.util.TreeSet;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.parser.SqlParseException;
import org.apache.calcite.sql.parser.SqlParser;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a Stream's SQL to the plan that nodes run: Calcite parses, validates and converts, a walk of ours makes the plan.
 * Thread-safe.
 */
public final class StreamCompiler {
    /** Never throws for what stands in the query. */
    public CompileResult compile(StreamSpec stream, Catalog catalog) {
        try {
            return new CompileResult.Compiled(plan(stream, catalog));
        } catch (SqlFault e) {
            return rejected(e.error());
        } catch (StackOverflowError e) {
            return rejected(new SqlError(1, 1, "the query is nested too deeply", "a simpler query"));
        }
    }

    private static Plan plan(StreamSpec stream, Catalog catalog) {
        String sql = SqlBounds.check(stream.sql());
        Shape shape = Shape.of(parse(sql));
        DeviceModel model = model(shape, catalog);
        Front front = new Front(model);
        SqlSelect validated = validate(front, shape, model);
        new Typing(front.validator()).check(validated);
        PlanBuilder builder = new PlanBuilder();
        List<Plan.Output> values;
        try {
            RelNode rel = front.convert(validated);
            List<Expr> columns = builder.walk(rel);
            values = new Outputs(validated, model).of(columns, stream.sink());
            @Nullable
            Window window = shape.windowed()
                    ? new Window(shape.sizeMillis(), shape.offsetMillis(), builder.aggregates(), builder.having())
                    : null;
            return readable(new Plan(model.name(), stream.selector(), stream.sink(), builder.filter(), window, values));
        } catch (SqlFault e) {
            throw e;
        } catch (RuntimeException | AssertionError e) {
            // what Calcite's converters throw, some of it wrapped by reflection
            throw SqlFault.at(shape.select(), innermost(e), "a simpler query");
        }
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        for (Throwable next = cause.getCause(); next != null; next = cause.getCause()) {
            cause = next;
        }
        return String.valueOf(cause.getMessage());
    }

    private static SqlNode parse(String sql) {
        try {
            return SqlParser.create(sql, Dialect.PARSER).parseStmt();
        } catch (SqlParseException e) {
            throw new SqlFault(Messages.ofParser(e));
        }
    }

    private static DeviceModel model(Shape shape, Catalog catalog) {
        String name = shape.table().names.getLast();
        @Nullable
        DeviceModel model = shape.table().names.size() == 1 ? catalog.models().get(name) : null;
        if (model == null) {
            throw SqlFault.at(
                    shape.table(),
                    "there is no DeviceModel " + String.join(".", shape.table().names),
                    catalog.models().isEmpty()
                            ? "the name of a DeviceModel, of which there is none yet"
                            : String.join(", ", new TreeSet<>(catalog.models().keySet())));
        }
        return model;
    }

    private static SqlSelect validate(Front front, Shape shape, DeviceModel model) {
        try {
            return (SqlSelect) front.validate(shape.select());
        } catch (org.apache.calcite.runtime.CalciteException e) {
            throw new SqlFault(Messages.ofValidator(e, model, shape.windowed()));
        } catch (RuntimeException | AssertionError e) {
            throw SqlFault.at(shape.select(), "the query cannot be checked: " + e.getMessage(), "a simpler query");
        }
    }

    /** What a node could not read must not leave the centre. */
    private static Plan readable(Plan plan) {
        return switch (PlanCodec.read(PlanCodec.write(plan))) {
            case PlanReading.Known known -> known.plan();
            case PlanReading.Malformed(String message) -> throw new IllegalArgumentException(message);
            case PlanReading.UnknownVersion _ -> throw new IllegalStateException("own version is unknown");
        };
    }

    private static CompileResult rejected(SqlError error) {
        return new CompileResult.Rejected(List.of(error));
    }
}
