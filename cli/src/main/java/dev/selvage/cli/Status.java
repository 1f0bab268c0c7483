package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What runs, where it answers and what it carries. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows what runs and whether it answers. Exits 1 when something that should answer does not.")
final class Status implements Callable<Integer> {
    @Mixin
    private HomeOption homeOption = new HomeOption();

    private final PrintStream out = System.out;

    @Override
    public Integer call() {
        Home home = homeOption.home();
        Home.Settings settings = home.settings();
        Installation installation = new Installation(home, settings);
        out.printf("%-9s %-10s %-9s %-9s %s%n", "PART", "STATE", "PID", "UP", "WHERE");
        boolean centre = !settings.centre() || centre(installation);
        boolean agent = agent(installation, home, settings);
        boolean plant = !settings.examples() || plant(installation, settings);
        if (settings.centre() && centre) {
            objects(home);
        }
        return centre && agent && plant ? 0 : 1;
    }

    private boolean centre(Installation installation) {
        Optional<String> url = installation.centreAnswers();
        return row(installation.daemon(Installation.CENTRE), url.isPresent(), url.orElse(""));
    }

    private boolean agent(Installation installation, Home home, Home.Settings settings) {
        Optional<ObjectNode> status = new NodeClient(home, settings.ports().node()).status();
        String link = status.map(s -> s.path("linked").asBoolean() ? "linked" : "working alone")
                .orElse("");
        return row(
                installation.daemon(Installation.AGENT),
                status.isPresent(),
                "node " + settings.nodeName() + (link.isEmpty() ? "" : ", " + link));
    }

    private boolean plant(Installation installation, Home.Settings settings) {
        boolean answers = new PlantClient(settings.ports().plant()).state().isPresent();
        return row(
                installation.daemon(Installation.PLANT),
                answers,
                "Modbus TCP 127.0.0.1:" + settings.ports().modbus());
    }

    private boolean row(Daemon daemon, boolean answers, String where) {
        Optional<ProcessHandle> process = daemon.running();
        String state = process.isEmpty() ? "stopped" : answers ? "ready" : "silent";
        out.printf(
                "%-9s %-10s %-9s %-9s %s%n",
                daemon.component(),
                state,
                process.map(p -> Long.toString(p.pid())).orElse("-"),
                process.isPresent() ? age(daemon.uptime()) : "-",
                process.isPresent() ? where : "./selvage start " + daemon.component());
        return process.isPresent() && answers;
    }

    private void objects(Home home) {
        try (ApiClient api = new ApiClient(home)) {
            out.println();
            out.printf("%-9s %-7s %s%n", "OBJECTS", "ALL", "GOOD");
            count(api, Kinds.NODE, "ready", o -> Installation.conditionIsTrue(o, "Ready"));
            count(api, Kinds.POD, "ready", o -> Installation.conditionIsTrue(o, "Ready"));
            count(api, Kinds.DEVICE, "connected", o -> Installation.conditionIsTrue(o, "Connected"));
            count(api, Kinds.STREAM, "compiled", o -> Installation.conditionIsTrue(o, "Compiled"));
        }
    }

    private void count(ApiClient api, Kind kind, String word, Predicate<ObjectNode> good) {
        JsonNode items = api.list(kind);
        long fine = StreamSupport.stream(items.spliterator(), false)
                .filter(item -> item instanceof ObjectNode o && good.test(o))
                .count();
        out.printf("%-9s %-7d %d %s%n", kind.plural(), items.size(), fine, word);
    }

    static String age(Duration time) {
        long seconds = time.toSeconds();
        return seconds < 120
                ? seconds + "s"
                : seconds < 7200
                        ? seconds / 60 + "m"
                        : seconds < 172_800 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }
}
