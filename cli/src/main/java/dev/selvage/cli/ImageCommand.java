package dev.selvage.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Images of the container engine of this machine's node, for sites without a registry. The agent's program does it, whether an agent runs or not. */
@Command(
        name = "image",
        mixinStandardHelpOptions = true,
        description = "Images of this machine's node, without a registry and without the centre.",
        subcommands = {ImageCommand.Import.class, ImageCommand.ListImages.class, ImageCommand.Remove.class})
final class ImageCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new CommandFailed("image: accepted are image import, image list, image remove");
    }

    private static int agent(Home home, String command, List<String> more) throws IOException, InterruptedException {
        home.settings();
        List<String> words = new ArrayList<>(
                Distribution.agent(command, "--home", home.node().toString()));
        words.addAll(more);
        return new ProcessBuilder(words).inheritIO().start().waitFor();
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Gives image archives to the node's container engine: what \"docker save\" writes, or an OCI layout in a tar archive, plain or gzip.",
                "Each is checked before the engine gets it. Imported images stay until they are removed."
            })
    static final class Import implements Callable<Integer> {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Parameters(paramLabel = "FILE", arity = "1..*", description = "an image archive")
        private List<Path> files = List.of();

        @Option(
                names = "--name",
                paramLabel = "IMAGE",
                description = "REPOSITORY:TAG for the one image of one archive, in place of the name that it has there")
        private @Nullable String name;

        @Override
        public Integer call() throws IOException, InterruptedException {
            List<String> words = new ArrayList<>();
            for (Path file : files) {
                words.addAll(List.of("--file", file.toAbsolutePath().toString()));
            }
            if (name != null) {
                words.addAll(List.of("--name", name));
            }
            return agent(homeOption.home(), "image-import", words);
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {
                "The images of the node's container engine.",
                "ORIGIN: imported images stay, pulled ones go when nobody uses them and the disk is full or they are old, others are not touched."
            })
    static final class ListImages implements Callable<Integer> {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Override
        public Integer call() throws IOException, InterruptedException {
            return agent(homeOption.home(), "image-list", List.of());
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description =
                    "Takes an image's name away, and the image with its last name. One that containers use stays.")
    static final class Remove implements Callable<Integer> {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Parameters(paramLabel = "IMAGE", description = "REPOSITORY:TAG")
        private String name = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            return agent(homeOption.home(), "image-remove", List.of("--name", name));
        }
    }
}
