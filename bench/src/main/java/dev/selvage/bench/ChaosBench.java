package dev.selvage.bench;

import dev.selvage.bench.chaos.Chaos;
import java.util.ArrayList;
import java.util.List;

/** Issue 3, fault 1, at length: 400 rounds of kill -9. */
final class ChaosBench implements Bench {
    @Override
    public String name() {
        return "chaos";
    }

    @Override
    public String description() {
        return "agent, centre, database and plant killed at random, 400 times: what was lost, doubled or restarted";
    }

    @Override
    public Report run(Context context) throws Exception {
        Chaos.Outcome outcome = Chaos.run(context, context.seed(), context.rounds());
        outcome.violations().forEach(v -> context.say("VIOLATED: " + v));
        String load = "30 pods, 50 devices, 20 Streams, 3 writing clients; seed " + outcome.seed();
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of("violated", (double) outcome.violated(), "", context.rounds(), "total", load)
                .atMost(0));
        outcome.counts()
                .forEach((name, count) -> figures.add(Figure.of(name, count, "", context.rounds(), "total", load)));
        return new Report(figures);
    }
}
