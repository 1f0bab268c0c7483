package dev.selvage.cli;

import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The image of first-light's page, made of this machine's packages and given to the container engine of its node. */
final class PageImage {
    static final String NAME = "first-light/page:1";

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration NOTICED = Duration.ofSeconds(30);

    private final Home home;
    private final String node;

    PageImage(Home home, String node) {
        this.home = home;
        this.node = node;
    }

    /** Whether the node's engine has the image; empty where the node has no engine that answers. */
    Optional<Boolean> there() {
        if (!engineIsThere()) {
            return Optional.empty();
        }
        Program.Ended images = agent("image-list");
        return images.well()
                ? Optional.of(images.output().lines().anyMatch(line -> line.startsWith(NAME + " ")))
                : Optional.empty();
    }

    /** Returns when the engine has the image and the centre knows that the node runs containers. */
    String provide(boolean there) {
        if (!there) {
            make();
        }
        try (ApiClient api = new ApiClient(home)) {
            Wait.until(
                    "the node's word that it runs containers",
                    NOTICED,
                    () -> api.get(Kinds.NODE, "", node)
                            .filter(object -> Json.at(object, "status", "runtimeHandlers")
                                    .toString()
                                    .contains("\"container\"")),
                    Optional::empty);
        }
        return NAME + (there ? ", was there" : ", of this machine's packages");
    }

    /** Where the engine has it and nobody else uses it. */
    void remove() {
        if (engineIsThere()) {
            agent("image-remove", "--name", NAME);
        }
    }

    private boolean engineIsThere() {
        return Files.exists(Path.of(NodeHome.containerEngine(home)));
    }

    private void make() {
        Path script = Distribution.root().resolve("examples/first-light/image.sh");
        Path archive = home.directory().resolve("page-image.tar");
        try {
            require(run(List.of(script.toString(), archive.toString())));
            require(agent("image-import", "--file", archive.toString(), "--name", NAME));
        } finally {
            delete(archive);
        }
    }

    private Program.Ended agent(String command, String... more) {
        List<String> words = new ArrayList<>(
                Distribution.agent(command, "--home", home.node().toString()));
        words.addAll(List.of(more));
        return run(words);
    }

    private static Program.Ended run(List<String> command) {
        try {
            return Program.run(LIMIT, command);
        } catch (IOException e) {
            throw new CommandFailed("cannot run " + command.getFirst() + ": " + e.getMessage(), e);
        }
    }

    private static void require(Program.Ended ended) {
        if (!ended.well()) {
            throw new CommandFailed(ended.output().strip());
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // lies below the installation's directory, and the next one takes its place
        }
    }
}
