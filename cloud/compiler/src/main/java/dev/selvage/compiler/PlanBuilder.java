package dev.selvage.compiler;

import dev.selvage.model.plan.Aggregate;
import dev.selvage.model.plan.Expr;
import dev.selvage.model.plan.Type;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.AggregateCall;
import org.apache.calcite.rel.core.TableScan;
import org.apache.calcite.rel.logical.LogicalAggregate;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.logical.LogicalTableFunctionScan;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.jspecify.annotations.Nullable;

/** Walks Calcite's relational tree, of which {@link Shape} has left one form: scan, window, filter, aggregate, filter, project. */
final class PlanBuilder {
    private final List<Aggregate> aggregates = new ArrayList<>();
    private @Nullable Expr filter;
    private @Nullable Expr having;
    private boolean aggregated;

    /** Columns of the node, in terms of a plan. */
    List<Expr> walk(RelNode rel) {
        return switch (rel) {
            case LogicalProject project -> {
                RexExprs exprs = new RexExprs(walk(project.getInput()));
                yield project.getProjects().stream().map(exprs::of).toList();
            }
            case LogicalFilter f -> {
                List<Expr> input = walk(f.getInput());
                Expr condition = new RexExprs(input).as(Type.BOOLEAN, f.getCondition());
                if (aggregated) {
                    having = condition;
                } else {
                    filter = condition;
                }
                yield input;
            }
            case LogicalAggregate aggregate -> aggregate(aggregate);
            case LogicalTableFunctionScan window -> columns(window);
            case TableScan scan -> columns(scan);
            default ->
                throw new IllegalArgumentException("the query form " + rel.getRelTypeName() + " is not supported");
        };
    }

    @Nullable
    Expr filter() {
        return filter;
    }

    @Nullable
    Expr having() {
        return having;
    }

    List<Aggregate> aggregates() {
        return aggregates;
    }

    private List<Expr> aggregate(LogicalAggregate aggregate) {
        List<Expr> input = walk(aggregate.getInput());
        List<Expr> output = new ArrayList<>();
        aggregate.getGroupSet().forEach(i -> output.add(input.get(i)));
        for (AggregateCall call : aggregate.getAggCallList()) {
            Type type = RexExprs.type(call.getType());
            @Nullable
            Expr argument = call.getArgList().isEmpty()
                    ? null
                    : input.get(call.getArgList().get(0));
            Aggregate.Function function = function(call);
            Expr typed = argument == null || function == Aggregate.Function.COUNT
                    ? argument
                    : RexExprs.convert(argument, type);
            output.add(new Expr.Result(aggregates.size(), type));
            aggregates.add(new Aggregate(function, type, typed));
        }
        aggregated = true;
        return output;
    }

    private static Aggregate.Function function(AggregateCall call) {
        if (call.isDistinct() || call.filterArg >= 0) {
            throw new IllegalArgumentException("the aggregate " + call + " is not supported");
        }
        return switch (call.getAggregation().getName()) {
            case "COUNT" -> Aggregate.Function.COUNT;
            case "SUM" -> Aggregate.Function.SUM;
            case "AVG" -> Aggregate.Function.AVG;
            case "MIN" -> Aggregate.Function.MIN;
            case "MAX" -> Aggregate.Function.MAX;
            case "LAST_VALUE" -> Aggregate.Function.LAST;
            default -> throw new IllegalArgumentException("the aggregate " + call + " is not supported");
        };
    }

    private static List<Expr> columns(RelNode source) {
        List<Expr> columns = new ArrayList<>();
        for (RelDataTypeField field : source.getRowType().getFieldList()) {
            columns.add(new Expr.Column(field.getName(), RexExprs.type(field.getType())));
        }
        return columns;
    }
}
