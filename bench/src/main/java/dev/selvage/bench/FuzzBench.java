package dev.selvage.bench;

import dev.selvage.fuzz.Campaign;
import dev.selvage.fuzz.Door;
import dev.selvage.fuzz.Doors;
import dev.selvage.fuzz.FindingException;
import dev.selvage.fuzz.Installed;
import dev.selvage.fuzz.Tally;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** Hostile input to every door of the product, from fresh seeds that are printed; the time is shared out evenly. */
final class FuzzBench implements Bench {
    private static final double MIB = 1 << 20;

    private final FuzzOptions options;

    FuzzBench(FuzzOptions options) {
        this.options = options;
    }

    @Override
    public String name() {
        return "fuzz";
    }

    @Override
    public String description() {
        return "hostile input to link, API, SQL, Modbus, lane files, stream files, loopback API: nothing breaks, hangs or grows";
    }

    @Override
    public int minutes() {
        return 60;
    }

    private boolean wanted(String door) {
        return options.door.isEmpty() || options.door.equals(door);
    }

    @Override
    public Report run(Context context) throws Exception {
        List<String> inside = Doors.INSIDE.stream().filter(this::wanted).toList();
        List<String> outside = Doors.OUTSIDE.stream().filter(this::wanted).toList();
        int count = inside.size() + outside.size();
        if (count == 0) {
            throw new IllegalArgumentException("--door: found \"" + options.door + "\", accepted are "
                    + Stream.concat(Doors.INSIDE.stream(), Doors.OUTSIDE.stream())
                            .toList());
        }
        Duration share = context.duration().dividedBy(count);
        Results results = new Results(context, share);
        return Context.inTemporary(work -> {
            for (String name : inside) {
                results.at(() -> Doors.inside(name, context.root(), work));
            }
            if (!outside.isEmpty()) {
                try (Installation installation = Installation.up(context)) {
                    Installed installed = Installed.at(installation.home(), installation.hubPort() - 1);
                    for (String name : outside) {
                        results.at(() -> Doors.outside(name, installed, work));
                    }
                    results.severe = installed.severe();
                }
            }
            return results.report();
        });
    }

    private interface Opening {
        Door open() throws Exception;
    }

    /** One campaign after the other; a finding ends one, not all. */
    private final class Results {
        private final Context context;
        private final Duration share;
        private final Path findings;
        private final List<Figure> figures = new ArrayList<>();
        private int found;
        private int campaigns;
        private long severe = -1;

        Results(Context context, Duration share) {
            this.context = context;
            this.share = share;
            this.findings = context.root().resolve("target/fuzz");
        }

        void at(Opening opening) throws Exception {
            long seed = options.seed == null ? ThreadLocalRandom.current().nextLong() : options.seed;
            campaigns++;
            try (Door door = opening.open()) {
                Campaign campaign = new Campaign(door, seed, findings, context.progress());
                Tally tally =
                        options.input == null ? campaign.run(Long.MAX_VALUE, share) : campaign.again(options.input);
                add(tally);
            } catch (FindingException e) {
                found++;
                Files.createDirectories(findings);
                context.say("FOUND: " + e.getMessage());
                if (e.getCause() != null) {
                    e.getCause().printStackTrace(context.progress());
                }
            }
        }

        private void add(Tally tally) {
            String load = "seed " + tally.seed() + ": " + new java.util.TreeMap<>(tally.answers());
            figures.add(Figure.of(tally.door() + ": inputs", (double) tally.inputs(), "inputs", 1, "total", load));
            figures.add(Figure.of(
                    tally.door() + ": slowest answer",
                    (double) tally.slowest().toMillis(),
                    "ms",
                    Math.max(1, tally.inputs()),
                    "max",
                    "input " + tally.slowestInput()));
            figures.add(Figure.of(
                    tally.door() + ": heap growth",
                    (tally.heapAfter() - tally.heapBefore()) / MIB,
                    "MiB",
                    1,
                    "total",
                    "live bytes after a collection, before and after"));
        }

        Report report() {
            List<Figure> all = new ArrayList<>();
            all.add(Figure.of("findings", found, "findings", campaigns, "total", "inputs kept in target/fuzz")
                    .atMost(0));
            if (severe >= 0) {
                all.add(Figure.of("errors in the centre's log", (double) severe, "lines", 1, "total", "SEVERE")
                        .atMost(0));
            }
            all.addAll(figures);
            return new Report(all);
        }
    }
}
