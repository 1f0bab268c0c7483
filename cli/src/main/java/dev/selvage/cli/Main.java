package dev.selvage.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code selvage} command line; the launcher of the same name has built everything before. */
@Command(
        name = "selvage",
        description = "Selvage: one system out of a centre, edge nodes and their devices.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        version = Main.VERSION,
        sortOptions = false,
        subcommands = {
            Up.class,
            Status.class,
            Down.class,
            StartStop.Start.class,
            StartStop.Stop.class,
            Logs.class,
            Support.class,
            Join.class,
            Decide.Approve.class,
            Decide.Deny.class,
            CaCommand.class,
            NodeCommand.class,
            ImageCommand.class,
            PlantCommand.class,
            TelemetryCommand.class,
            BackupCommands.BackUp.class,
            BackupCommands.PutBack.class,
            Uninstall.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "Also: @|bold selvage test|@ runs every test, @|bold selvage bench|@ measures, @|bold selvage build|@ only builds.",
            "Start here: @|bold ./selvage up|@"
        })
public final class Main {
    static final String VERSION = "selvage 0.1.0-SNAPSHOT";

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof CommandFailed) {
                command.getErr().println("selvage: " + failure.getMessage());
                return 1;
            }
            throw failure;
        });
        if (arguments.length == 0) {
            line.usage(line.getOut());
            return 0;
        }
        return line.execute(arguments);
    }
}
