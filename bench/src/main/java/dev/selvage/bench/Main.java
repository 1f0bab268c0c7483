package dev.selvage.bench;

import dev.selvage.model.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./selvage bench NAME [--json]}; the exit code says whether it could be measured, the table whether goals are met. */
@Command(
        name = "selvage bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures; without a name, lists what can be measured.")
public final class Main implements Callable<Integer> {
    private static final FuzzOptions FUZZ = new FuzzOptions();

    private static final List<Bench> BENCHES = List.of(
            new StreamBench(),
            new UplinkBench(),
            new StoreBench(),
            new ApiBench(),
            new FootprintBench(),
            new DeployBench(),
            new LoopBench(),
            new GatewayBench(),
            new RolloutBench(),
            new RecoveryBench(),
            new FuzzBench(FUZZ),
            new ChaosBench(),
            new ContainersBench());

    /** Held, so that its level stays. */
    private static final Logger ROOT_LOGGER = Logger.getLogger("");

    @Parameters(paramLabel = "NAME", arity = "0..1", defaultValue = "", description = "which one")
    private String name = "";

    @Option(names = "--json", description = "also one JSON object on the last line of standard output")
    private boolean json;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "how long a bench over time takes (default: footprint 10, fuzz 60)")
    private @Nullable Integer minutes;

    @Mixin
    private final FuzzOptions fuzz = FUZZ;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "400",
            description = "how often chaos kills (default: ${DEFAULT-VALUE})")
    private int rounds = 400;

    @Option(
            names = "--quick",
            description = "a small load for a short time: says that the bench runs, not what is reached")
    private boolean quick;

    private Main() {}

    public static void main(String[] arguments) {
        ROOT_LOGGER.setLevel(Level.WARNING);
        System.exit(new CommandLine(new Main()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (name.isEmpty()) {
            System.out.print(listing());
            return 0;
        }
        var bench = BENCHES.stream().filter(b -> b.name().equals(name)).findFirst();
        if (bench.isEmpty()) {
            System.err.print("selvage bench: found \"" + name + "\", accepted are\n" + listing());
            return 2;
        }
        if (minutes != null && (minutes < 1 || minutes > 24 * 60)) {
            System.err.println("selvage bench: --minutes: found " + minutes + ", accepted is 1 to 1440");
            return 2;
        }
        if (fuzz.input != null && (fuzz.seed == null || fuzz.door.isEmpty())) {
            System.err.println("selvage bench: --input: found without --seed and --door, accepted is with both");
            return 2;
        }
        if (rounds < 1 || rounds > 100_000) {
            System.err.println("selvage bench: --rounds: found " + rounds + ", accepted is 1 to 100000");
            return 2;
        }
        measure(bench.get());
        return 0;
    }

    private void measure(Bench bench) throws Exception {
        Machine machine = Machine.here();
        Context context = new Context(
                Path.of(System.getProperty("selvage.root", "."))
                        .toAbsolutePath()
                        .normalize(),
                Path.of(System.getProperty("java.home")),
                Duration.ofMinutes(minutes == null ? bench.minutes() : minutes),
                fuzz.seed != null ? fuzz.seed : System.nanoTime() & 0xffff_ffffL,
                rounds,
                quick,
                System.err);
        Report report = bench.run(context);
        System.out.print(report.table(bench.name(), machine));
        if (json) {
            System.out.println(Json.text(report.json(bench.name(), machine)));
        }
        System.out.flush();
    }

    static String listing() {
        List<List<String>> rows = new ArrayList<>();
        BENCHES.forEach(bench -> rows.add(List.of("  " + bench.name(), bench.description())));
        return Columns.aligned(rows);
    }
}
