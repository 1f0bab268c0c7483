package dev.selvage.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** One part alone: how a newcomer pulls the cable, and how an operator restarts something. */
final class StartStop {
    private StartStop() {}

    @Command(name = "start", mixinStandardHelpOptions = true, description = "Starts one part: centre, agent or plant.")
    static final class Start implements Callable<Integer> {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Parameters(paramLabel = "PART", description = "centre, agent or plant")
        private String part = "";

        @Override
        public Integer call() {
            Home home = homeOption.home();
            Installation installation = new Installation(home, home.settings());
            new Progress(System.out).step(known(part), () -> switch (part) {
                case Installation.CENTRE -> installation.startCentre();
                case Installation.PLANT -> installation.startPlant();
                default -> installation.startAgent();
            });
            return 0;
        }
    }

    @Command(
            name = "stop",
            mixinStandardHelpOptions = true,
            description = "Stops one part: centre, agent or plant. The agent's pods go on.")
    static final class Stop implements Callable<Integer> {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Parameters(paramLabel = "PART", description = "centre, agent or plant")
        private String part = "";

        @Override
        public Integer call() {
            boolean stopped = new Daemon(homeOption.home(), known(part)).stop();
            System.out.println(stopped ? "Stopped: " + part : "The " + part + " was not running.");
            return 0;
        }
    }

    static String known(String part) {
        if (!Installation.COMPONENTS.contains(part)) {
            throw new CommandFailed("part: found \"" + part + "\", accepted are centre, agent, plant");
        }
        return part;
    }
}
