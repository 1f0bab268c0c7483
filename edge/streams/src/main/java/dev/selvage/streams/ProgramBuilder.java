package dev.selvage.streams;

import dev.selvage.model.plan.Expr;
import dev.selvage.model.plan.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lays expressions out as instructions; equal subexpressions share a register. */
final class ProgramBuilder {
    private record Step(Code code, int dst, int a, int b, int c) {}

    /** A column or an aggregate's result: where the row's values come in. */
    record Input(Expr expr, int register) {}

    private final List<Step> steps = new ArrayList<>();
    private final Map<Expr, Integer> registers = new HashMap<>();
    private final List<Input> inputs = new ArrayList<>();
    private final Map<Integer, Expr.Literal> constants = new HashMap<>();
    private int count;

    /** The register that holds the expression's value after a run. */
    int add(Expr expr) {
        @Nullable Integer known = registers.get(expr);
        if (known != null) {
            return known;
        }
        int register = switch (expr) {
            case Expr.Literal literal -> constant(literal);
            case Expr.Column _, Expr.Result _ -> input(expr);
            case Expr.Call call -> call(call);
        };
        registers.put(expr, register);
        return register;
    }

    List<Input> inputs() {
        return inputs;
    }

    Program build() {
        int n = steps.size();
        Code[] codes = new Code[n];
        int[] dst = new int[n];
        int[] a = new int[n];
        int[] b = new int[n];
        int[] c = new int[n];
        for (int i = 0; i < n; i++) {
            Step step = steps.get(i);
            codes[i] = step.code();
            dst[i] = step.dst();
            a[i] = step.a();
            b[i] = step.b();
            c[i] = step.c();
        }
        Frame frame = new Frame(count);
        constants.forEach((register, literal) -> fill(frame, register, literal.value()));
        return new Program(codes, dst, a, b, c, frame);
    }

    private static void fill(Frame frame, int register, @Nullable Object value) {
        switch (value) {
            case null -> frame.isNull[register] = true;
            case Boolean truth -> frame.set(register, truth);
            case Long number -> frame.set(register, number);
            case Double number -> frame.set(register, number);
            default -> frame.set(register, value.toString());
        }
    }

    private int constant(Expr.Literal literal) {
        constants.put(count, literal);
        return count++;
    }

    private int input(Expr expr) {
        inputs.add(new Input(expr, count));
        return count++;
    }

    private int call(Expr.Call call) {
        List<Integer> args = call.args().stream().map(this::add).toList();
        Type type = call.type();
        Type argument = call.args().getFirst().type();
        return switch (call.op()) {
            case ADD -> fold(type, Code.ADD_D, Code.ADD_L, args);
            case SUB -> fold(type, Code.SUB_D, Code.SUB_L, args);
            case MUL -> fold(type, Code.MUL_D, Code.MUL_L, args);
            case DIV -> fold(type, Code.DIV_D, Code.DIV_L, args);
            case MOD -> fold(type, Code.MOD_L, Code.MOD_L, args);
            case NEG -> wrap(type, step(type == Type.DOUBLE ? Code.NEG_D : Code.NEG_L, args));
            case ABS -> wrap(type, step(type == Type.DOUBLE ? Code.ABS_D : Code.ABS_L, args));
            case ROUND -> wrap(type, step(type == Type.DOUBLE ? Code.ROUND_D : Code.ROUND_L, args));
            case FLOOR -> type == Type.DOUBLE ? step(Code.FLOOR_D, args) : args.getFirst();
            case CEIL -> type == Type.DOUBLE ? step(Code.CEIL_D, args) : args.getFirst();
            case EQ -> step(of(argument, Code.EQ_D, Code.EQ_L, Code.EQ_S), args);
            case NE -> step(of(argument, Code.NE_D, Code.NE_L, Code.NE_S), args);
            case LT -> step(of(argument, Code.LT_D, Code.LT_L, Code.LT_L), args);
            case LE -> step(of(argument, Code.LE_D, Code.LE_L, Code.LE_L), args);
            case GT -> step(of(argument, Code.LT_D, Code.LT_L, Code.LT_L), args.reversed());
            case GE -> step(of(argument, Code.LE_D, Code.LE_L, Code.LE_L), args.reversed());
            case AND -> pairs(Code.AND, args);
            case OR -> pairs(Code.OR, args);
            case NOT, IS_NULL, IS_NOT_NULL, IS_TRUE, IS_NOT_TRUE, IS_FALSE, IS_NOT_FALSE ->
                step(Code.valueOf(call.op().name()), args);
            case CASE -> choice(args);
            case COALESCE -> pairs(Code.FIRST, args);
            case CAST -> cast(argument, type, args);
        };
    }

    private static Code of(Type type, Code doubles, Code longs, Code text) {
        return switch (type) {
            case DOUBLE -> doubles;
            case VARCHAR -> text;
            default -> longs;
        };
    }

    private int fold(Type type, Code doubles, Code longs, List<Integer> args) {
        int sum = args.getFirst();
        for (int arg : args.subList(1, args.size())) {
            sum = wrap(type, step(type == Type.DOUBLE ? doubles : longs, List.of(sum, arg)));
        }
        return sum;
    }

    private int pairs(Code code, List<Integer> args) {
        int sum = args.getFirst();
        for (int arg : args.subList(1, args.size())) {
            sum = step(code, List.of(sum, arg));
        }
        return sum;
    }

    /** From the last branch to the first, each over the outcome of those behind it. */
    private int choice(List<Integer> args) {
        int outcome = args.getLast();
        for (int i = args.size() - 3; i >= 0; i -= 2) {
            int to = count++;
            steps.add(new Step(Code.CHOOSE, to, args.get(i), args.get(i + 1), outcome));
            outcome = to;
        }
        return outcome;
    }

    private int cast(Type from, Type to, List<Integer> args) {
        return switch (to) {
            case DOUBLE -> from == Type.DOUBLE ? args.getFirst() : step(Code.L_TO_D, args);
            case BIGINT -> from == Type.DOUBLE ? step(Code.D_TO_L, args) : args.getFirst();
            case INT -> from == Type.DOUBLE ? step(Code.D_TO_I, args) : wrap(to, args.getFirst());
            case BOOLEAN ->
                from == Type.DOUBLE
                        ? step(Code.D_TO_B, args)
                        : from == Type.BOOLEAN ? args.getFirst() : step(Code.L_TO_B, args);
            case VARCHAR, TIMESTAMP -> args.getFirst();
        };
    }

    private int wrap(Type type, int register) {
        return type == Type.INT ? step(Code.WRAP_I, List.of(register)) : register;
    }

    private int step(Code code, List<Integer> args) {
        int to = count++;
        steps.add(new Step(code, to, args.getFirst(), args.size() > 1 ? args.get(1) : 0, 0));
        return to;
    }
}
