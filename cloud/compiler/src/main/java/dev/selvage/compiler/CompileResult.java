package dev.selvage.compiler;

import dev.selvage.model.plan.Plan;
import java.util.List;

/** What became of a query. */
public sealed interface CompileResult {
    record Compiled(Plan plan) implements CompileResult {}

    /** Nothing runs; at least one error. */
    record Rejected(List<SqlError> errors) implements CompileResult {
        public Rejected {
            errors = List.copyOf(errors);
        }
    }
}
