package dev.selvage.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Stops the parts, and the node's pods unless they are kept. */
@Command(
        name = "down",
        mixinStandardHelpOptions = true,
        description =
                "Stops the plant, the agent with its pods, and the centre. State stays; ./selvage up goes on from it.")
final class Down implements Callable<Integer> {
    @Mixin
    private HomeOption homeOption = new HomeOption();

    @Option(names = "--keep-pods", description = "leave the pods running, as an agent's crash does")
    private boolean keepPods;

    @Override
    public Integer call() {
        Home home = homeOption.home();
        Installation installation = new Installation(home, home.settings());
        List<String> stopped = installation.stopAll();
        int pods = keepPods ? 0 : PodProcesses.stop(home);
        System.out.println(
                stopped.isEmpty() && pods == 0
                        ? "Nothing was running."
                        : "Stopped: " + String.join(", ", stopped)
                                + (pods > 0 ? " and " + pods + (pods == 1 ? " pod" : " pods") : ""));
        return 0;
    }
}
