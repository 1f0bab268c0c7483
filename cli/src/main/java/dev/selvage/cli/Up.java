package dev.selvage.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Brings everything up on this machine; repeatable, and cleans up after a failure. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Starts a centre, a node on this machine and the simulated plant, and applies examples/first-light.")
final class Up implements Callable<Integer> {
    @Mixin
    private HomeOption homeOption = new HomeOption();

    @Option(
            names = "--port-base",
            paramLabel = "N",
            description = "first of the " + Ports.COUNT + " ports (default: what the installation was made with,"
                    + " $SELVAGE_PORT_BASE, or " + Ports.DEFAULT_BASE + ")")
    private @Nullable Integer portBase;

    @Option(names = "--no-examples", description = "only the centre and the node: no plant, no example")
    private boolean noExamples;

    @Option(names = "--node-name", paramLabel = "NAME", description = "name of this machine's node (default: edge-1)")
    private @Nullable String nodeName;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description =
                    "address of the centre's API and hub; 0.0.0.0 lets other machines join (default: 127.0.0.1, or what the installation has)")
    private @Nullable String listen;

    @Option(
            names = "--rooms",
            paramLabel = "N",
            description =
                    "cold rooms of the simulated plant, Modbus units 1 to N, up to 247 (default: 1, or what the installation has)")
    private @Nullable Integer rooms;

    @Mixin
    private ContainerEngineOption containerEngine = new ContainerEngineOption();

    private final Progress progress = new Progress(System.out);

    @Override
    public Integer call() {
        long start = System.nanoTime();
        Home home = homeOption.home();
        home.prepare();
        Home.Settings settings = settings(home);
        containerEngine.apply(home);
        Installation installation = new Installation(home, settings);
        List<String> before = Installation.COMPONENTS.stream()
                .filter(c -> installation.daemon(c).running().isPresent())
                .toList();
        progress.note("Selvage, below " + home.directory());
        if (kept(home).filter(k -> !k.listen().equals(settings.listen())).isPresent()
                && installation.daemon(Installation.CENTRE).running().isPresent()) {
            throw new CommandFailed("--listen: the centre runs on "
                    + kept(home).orElseThrow().listen() + ". Stop it first: ./selvage stop centre");
        }
        if (kept(home).filter(k -> k.rooms() != settings.rooms()).isPresent()
                && installation.daemon(Installation.PLANT).running().isPresent()) {
            throw new CommandFailed("--rooms: the plant runs with "
                    + kept(home).orElseThrow().rooms() + ". Stop it first: ./selvage stop plant");
        }
        try {
            installation.requirePorts();
            home.save(settings);
            bringUp(installation, settings);
        } catch (CommandFailed failed) {
            cleanUp(installation, before);
            throw failed;
        }
        new Summary(home, settings).print(System.out, Duration.ofNanos(System.nanoTime() - start));
        return 0;
    }

    private void bringUp(Installation installation, Home.Settings settings) {
        progress.step("centre", () -> installation.startCentre());
        if (settings.examples()) {
            progress.step("plant", installation::startPlant);
        }
        progress.step("agent", installation::startAgent);
        progress.step("node", installation::nodeReady);
        if (settings.examples()) {
            firstLight(installation, new PageImage(homeOption.home(), settings.nodeName()));
        }
    }

    /** Its page runs as a container where the node has an engine, else as a process. */
    private void firstLight(Installation installation, PageImage image) {
        Optional<Boolean> there = image.there();
        if (there.isPresent()) {
            try {
                progress.step("page image", () -> image.provide(there.get()));
                progress.step(
                        "first-light", () -> installation.applyExample("first-light", "container", PageImage.NAME));
                return;
            } catch (CommandFailed failed) {
                progress.note("    " + failed.getMessage() + "\n    The page runs as a process instead.");
            }
        }
        progress.step("first-light", () -> installation.applyExample("first-light", "process", "host"));
    }

    /** What was not running before is stopped again, so that a second try starts from the same place. */
    private void cleanUp(Installation installation, List<String> before) {
        List<String> started = Installation.COMPONENTS.stream()
                .filter(c ->
                        !before.contains(c) && installation.daemon(c).running().isPresent())
                .toList();
        started.forEach(c -> installation.daemon(c).stop());
        if (!started.isEmpty()) {
            progress.note("Stopped again: " + String.join(", ", started));
        }
    }

    private static Optional<Home.Settings> kept(Home home) {
        return home.exists() ? Optional.of(home.settings()) : Optional.empty();
    }

    private Home.Settings settings(Home home) {
        Home.@Nullable Settings kept = kept(home).orElse(null);
        int base = portBase != null
                ? portBase
                : kept != null ? kept.ports().base() : Ports.usual().base();
        if (kept != null && kept.ports().base() != base) {
            throw new CommandFailed("--port-base: found " + base + ", this installation was made with "
                    + kept.ports().base() + ". Use that, another --home, or ./selvage uninstall first");
        }
        if (kept != null && nodeName != null && !nodeName.equals(kept.nodeName())) {
            throw new CommandFailed("--node-name: found " + nodeName + ", this machine is the node " + kept.nodeName()
                    + ". Use another --home for a second node");
        }
        String name = kept != null ? kept.nodeName() : nodeName != null ? nodeName : "edge-1";
        int plant = rooms != null ? rooms : kept != null ? kept.rooms() : 1;
        if (plant < 1 || plant > 247) {
            throw new CommandFailed("--rooms: found " + plant + ", accepted is 1 to 247");
        }
        String address = listen != null ? listen : kept != null ? kept.listen() : "127.0.0.1";
        return new Home.Settings(new Ports(base), name, !noExamples, true, address, plant);
    }
}
