package dev.selvage.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Takes an installation away. */
@Command(
        name = "uninstall",
        mixinStandardHelpOptions = true,
        description = "Stops everything and deletes the installation with all of its state.")
final class Uninstall implements Callable<Integer> {
    @Mixin
    private HomeOption homeOption = new HomeOption();

    @Option(names = "--yes", description = "do not ask")
    private boolean yes;

    @Override
    public Integer call() throws IOException {
        Home home = homeOption.home();
        Home.Settings settings = home.settings();
        Installation installation = new Installation(home, settings);
        if (!yes && !confirmed(home)) {
            throw new CommandFailed(
                    "nothing was deleted. To delete " + home.directory() + " without a question: --yes");
        }
        installation.stopAll();
        PodProcesses.stop(home);
        new PageImage(home, settings.nodeName()).remove();
        List<String> foreign;
        try {
            foreign = home.delete();
        } catch (IOException e) {
            throw new CommandFailed(
                    "everything is stopped, but this cannot be deleted: " + e.getMessage() + " ("
                            + e.getClass().getSimpleName() + "). Delete it with the rights that it needs",
                    e);
        }
        System.out.println(
                foreign.isEmpty()
                        ? "Deleted " + home.directory()
                        : "Deleted the installation in " + home.directory() + ". Not ours, and kept: "
                                + String.join(", ", foreign));
        return 0;
    }

    private static boolean confirmed(Home home) throws IOException {
        if (!Progress.isTerminal()) {
            return false;
        }
        System.out.printf("Delete %s and all of its state? [y/N] ", home.directory());
        String answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        return answer != null && answer.strip().equalsIgnoreCase("y");
    }
}
