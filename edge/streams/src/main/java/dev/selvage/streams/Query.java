package dev.selvage.streams;

import dev.selvage.model.DeviceReading;
import dev.selvage.model.plan.Aggregate;
import dev.selvage.model.plan.Expr;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.Type;
import dev.selvage.model.plan.Window;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A plan laid out for running: one program per reading and, with a window, one per window and device. */
final class Query {
    /** A property of the reading and the register it goes to. */
    private record Load(String property, Type type, int register) {}

    private static final int NONE = -1;

    final Plan plan;
    final @Nullable Layout layout;
    private final Program input;
    private final List<Load> loads;
    private final int filter;
    private final int deviceIn;
    private final int tsIn;

    private final Program output;
    private final int having;
    private final int[] values;
    private final int[] results;
    private final int deviceOut;
    private final int startOut;
    private final int endOut;

    Query(Plan plan) {
        this.plan = plan;
        Window window = plan.window();
        ProgramBuilder in = new ProgramBuilder();
        filter = plan.filter() == null ? NONE : in.add(plan.filter());
        layout = window == null ? null : new Layout(window.aggregates(), arguments(window.aggregates(), in));
        ProgramBuilder out = window == null ? in : new ProgramBuilder();
        values = plan.values().stream().mapToInt(v -> out.add(v.expr())).toArray();
        having = window == null || window.having() == null ? NONE : out.add(window.having());
        input = in.build();
        output = window == null ? input : out.build();
        loads = in.inputs().stream()
                .filter(i -> !reserved(i.expr()))
                .map(i -> new Load(((Expr.Column) i.expr()).name(), i.expr().type(), i.register()))
                .toList();
        deviceIn = column(in, Expr.DEVICE);
        tsIn = column(in, Expr.TS);
        results = results(out, window == null ? 0 : window.aggregates().size());
        deviceOut = column(out, Expr.DEVICE);
        startOut = column(out, Expr.WINDOW_START);
        endOut = column(out, Expr.WINDOW_END);
    }

    Frame inputFrame() {
        return input.frame();
    }

    Frame outputFrame() {
        return output.frame();
    }

    /** Computes one reading; false when the filter does not let it through. */
    boolean compute(DeviceReading reading, Frame frame) {
        Map<String, Object> from = reading.values();
        for (int i = 0; i < loads.size(); i++) {
            Load load = loads.get(i);
            load(from.get(load.property()), load.type(), frame, load.register());
        }
        if (deviceIn >= 0) {
            frame.set(deviceIn, reading.device());
        }
        if (tsIn >= 0) {
            frame.set(tsIn, reading.atMillis());
        }
        input.run(frame);
        return filter < 0 || frame.isTrue(filter);
    }

    /** Computes one window of one device; false when HAVING does not let it through. */
    boolean compute(Accumulators window, int key, String device, long start, long end, Frame frame) {
        for (int i = 0; i < results.length; i++) {
            if (results[i] >= 0) {
                window.result(key, i, frame, results[i]);
            }
        }
        if (deviceOut >= 0) {
            frame.set(deviceOut, device);
        }
        if (startOut >= 0) {
            frame.set(startOut, start);
        }
        if (endOut >= 0) {
            frame.set(endOut, end);
        }
        output.run(frame);
        return having < 0 || frame.isTrue(having);
    }

    /** A computed value: Boolean, Long, Double or String; null for NULL and for what is no finite number. */
    @Nullable
    Object value(int i, Frame frame) {
        int register = values[i];
        if (frame.isNull[register]) {
            return null;
        }
        return switch (plan.values().get(i).expr().type()) {
            case BOOLEAN -> frame.l[register] != 0;
            case INT, BIGINT, TIMESTAMP -> frame.l[register];
            case DOUBLE -> Double.isFinite(frame.d[register]) ? (Object) frame.d[register] : null;
            case VARCHAR -> frame.s[register];
        };
    }

    /** The properties that the plan reads. */
    Set<String> properties() {
        Set<String> names = new TreeSet<>();
        loads.forEach(l -> names.add(l.property()));
        return names;
    }

    private static void load(@Nullable Object value, Type type, Frame frame, int register) {
        switch (type) {
            case DOUBLE -> {
                double number = value instanceof Number n ? n.doubleValue() : Double.NaN;
                frame.d[register] = number;
                frame.isNull[register] = !Double.isFinite(number);
            }
            case BIGINT, INT -> {
                frame.isNull[register] = !(value instanceof Number);
                frame.l[register] = value instanceof Number n ? n.longValue() : 0;
            }
            case BOOLEAN -> {
                frame.isNull[register] = !(value instanceof Boolean);
                frame.l[register] = Boolean.TRUE.equals(value) ? 1 : 0;
            }
            case VARCHAR, TIMESTAMP -> frame.set(register, value instanceof String s ? s : null);
        }
    }

    private static boolean reserved(Expr expr) {
        return expr instanceof Expr.Column(String name, Type _) && (name.equals(Expr.DEVICE) || name.equals(Expr.TS));
    }

    private static int[] arguments(List<Aggregate> aggregates, ProgramBuilder in) {
        int[] registers = new int[aggregates.size()];
        for (int i = 0; i < registers.length; i++) {
            Expr argument = aggregates.get(i).argument();
            registers[i] = argument == null ? NONE : in.add(argument);
        }
        return registers;
    }

    private static int column(ProgramBuilder program, String name) {
        return program.inputs().stream()
                .filter(i -> i.expr() instanceof Expr.Column(String column, Type _) && column.equals(name))
                .mapToInt(ProgramBuilder.Input::register)
                .findFirst()
                .orElse(NONE);
    }

    private static int[] results(ProgramBuilder program, int count) {
        int[] registers = new int[count];
        java.util.Arrays.fill(registers, NONE);
        for (ProgramBuilder.Input input : program.inputs()) {
            if (input.expr() instanceof Expr.Result(int index, Type _)) {
                registers[index] = input.register();
            }
        }
        return registers;
    }
}
