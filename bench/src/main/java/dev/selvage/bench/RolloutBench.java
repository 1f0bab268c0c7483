package dev.selvage.bench;

import java.util.ArrayList;
import java.util.List;

/** What a rollout costs those who use it, and how fast pods find their nodes. */
final class RolloutBench implements Bench {
    @Override
    public String name() {
        return "rollout";
    }

    @Override
    public String description() {
        return "a rolling update of 300 pods over 10 agents under requests; scheduler decisions and durable bindings";
    }

    @Override
    public Report run(Context context) throws Exception {
        SchedulerLoad scheduler = new SchedulerLoad(context);
        context.say("decisions ...");
        List<Figure> figures = new ArrayList<>(scheduler.decisions(context));
        try (Installation installation = Installation.up(context, "--no-examples");
                Api api = installation.api()) {
            api.namespace("bench");
            try (JoinedNodes nodes = JoinedNodes.join(context, installation, context.quick() ? 2 : 9)) {
                figures.addAll(0, new RolloutLoad(context, api, nodes.count() + 1).run());
            }
        }
        try (Installation installation = Installation.up(context, "--no-examples");
                Api api = installation.api()) {
            api.namespace("bench");
            figures.addAll(scheduler.bindings(context, installation, api));
        }
        return new Report(figures);
    }
}
