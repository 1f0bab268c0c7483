package dev.selvage.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The log of one part. */
@Command(
        name = "logs",
        mixinStandardHelpOptions = true,
        description = "Shows the log of one part: centre, agent or plant.")
final class Logs implements Callable<Integer> {
    @Mixin
    private HomeOption homeOption = new HomeOption();

    @Parameters(paramLabel = "PART", description = "centre, agent or plant")
    private String part = "";

    @Option(
            names = {"-f", "--follow"},
            description = "go on with what comes")
    private boolean follow;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            defaultValue = "100",
            description = "lines to begin with (default: ${DEFAULT-VALUE})")
    private int lines = 100;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path log = homeOption.home().log(StartStop.known(part));
        if (!Files.exists(log)) {
            throw new CommandFailed("the " + part + " has no log yet: " + log);
        }
        List<String> command = new ArrayList<>(List.of("tail", "-n", Integer.toString(lines)));
        if (follow) {
            command.add("-F");
        }
        command.add(log.toString());
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
