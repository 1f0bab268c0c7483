package dev.selvage.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the node itself says, with or without a centre. */
@Command(
        name = "node",
        mixinStandardHelpOptions = true,
        description = "Asks this machine's node itself, over its loopback API.",
        subcommands = NodeCommand.NodeStatus.class)
final class NodeCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new CommandFailed("node: accepted is node status");
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "The node's pods, devices, streams, lanes and link. Works offline.")
    static final class NodeStatus implements Callable<Integer> {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Home home = homeOption.home();
            home.settings();
            List<String> command = new ArrayList<>(
                    Distribution.agent("status", "--home", home.node().toString()));
            if (json) {
                command.add("--json");
            }
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        }
    }
}
