package dev.selvage.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the node's containers run. */
final class ContainerEngineOption {
    @Option(
            names = "--container-engine",
            paramLabel = "SOCKET",
            description =
                    "the Unix socket of the node's container engine, or none (default: /var/run/docker.sock, where there is one)")
    private @Nullable String engine;

    /** Before the node is made; on one that is there, only to say what it has. */
    void apply(Home home) {
        if (engine != null) {
            NodeHome.chooseContainerEngine(home, engine);
        }
    }
}
