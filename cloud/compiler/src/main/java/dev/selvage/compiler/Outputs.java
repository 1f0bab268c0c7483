package dev.selvage.compiler;

import dev.selvage.model.DeviceModel;
import dev.selvage.model.ModelProperty;
import dev.selvage.model.plan.Expr;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.Sink;
import dev.selvage.model.plan.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.validate.SqlValidatorUtil;
import org.jspecify.annotations.Nullable;

/** What a query yields against what its sink can take. */
final class Outputs {
    /** The row's identity, not values of it. */
    private static final Set<String> IDENTITY = Set.of(Expr.DEVICE, Expr.TS, Expr.WINDOW_START, Expr.WINDOW_END);

    private final SqlSelect select;
    private final DeviceModel model;

    Outputs(SqlSelect select, DeviceModel model) {
        this.select = select;
        this.model = model;
    }

    List<Plan.Output> of(List<Expr> columns, Sink sink) {
        List<Plan.Output> values = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < columns.size(); i++) {
            @Nullable
            String name = SqlValidatorUtil.alias(select.getSelectList().get(i));
            if (name == null) {
                throw at(i, "the value has no name", "expression AS name");
            }
            Expr expr = columns.get(i);
            if (!seen.add(name)) {
                throw at(i, "the column " + name + " stands twice", "each name once, with AS");
            }
            if (IDENTITY.contains(name)) {
                identity(i, name, expr);
            } else {
                values.add(new Plan.Output(name, value(i, name, expr, sink)));
            }
        }
        if (!seen.contains(Expr.DEVICE)) {
            throw at(0, "the column device is missing: it tells whose row it is", "SELECT device, …");
        }
        if (values.isEmpty()) {
            throw at(0, "the query yields no value", "at least one column besides " + String.join(", ", seen));
        }
        if (values.size() > Plan.MAX_VALUES) {
            throw at(0, "the query yields " + values.size() + " values", "at most " + Plan.MAX_VALUES);
        }
        return values;
    }

    private void identity(int i, String name, Expr expr) {
        if (!(expr instanceof Expr.Column(String column, Type _) && column.equals(name))) {
            throw at(i, "the column " + name + " is not the input's " + name, "the column " + name + " itself");
        }
    }

    private Expr value(int i, String name, Expr expr, Sink sink) {
        return switch (sink) {
            case Sink.Uplink _ -> measured(i, name, expr);
            case Sink.Property _ -> written(i, name, expr);
        };
    }

    private Expr measured(int i, String name, Expr expr) {
        if (!expr.type().numeric() && expr.type() != Type.BOOLEAN) {
            throw at(i, "the column " + name + " is " + expr.type(), "numbers and booleans go to the uplink");
        }
        return expr;
    }

    private Expr written(int i, String name, Expr expr) {
        @Nullable ModelProperty property = model.properties().get(name);
        if (property == null || !property.writable()) {
            String writable = model.properties().values().stream()
                    .filter(ModelProperty::writable)
                    .map(ModelProperty::name)
                    .collect(Collectors.joining(", "));
            throw at(
                    i,
                    "the column " + name + " is no writable property of " + model.name(),
                    writable.isEmpty() ? "a model with writable properties" : writable);
        }
        Type wanted = Type.of(property.type());
        boolean fits = expr.type() == wanted
                || (wanted == Type.DOUBLE && expr.type().integer())
                || (wanted == Type.BIGINT && expr.type() == Type.INT)
                || (expr instanceof Expr.Literal literal && literal.value() == null);
        if (!fits) {
            throw at(
                    i,
                    "the column " + name + " is " + expr.type() + ", the property is "
                            + property.type().label(),
                    wanted.toString());
        }
        return RexExprs.convert(expr, wanted);
    }

    private SqlFault at(int i, String message, String accepted) {
        SqlNode node =
                i < select.getSelectList().size() ? select.getSelectList().get(i) : select;
        return SqlFault.at(node, message, accepted);
    }
}
