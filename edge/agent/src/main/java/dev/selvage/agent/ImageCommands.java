package dev.selvage.agent;

import dev.selvage.containers.ContainersConfig;
import dev.selvage.containers.HeldImage;
import dev.selvage.containers.ImageImport;
import dev.selvage.containers.ImageInventory;
import dev.selvage.containers.ImportedImage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** {@code image-import}, {@code image-list}, {@code image-remove}: the images of the node's engine, whether an agent runs or not. */
final class ImageCommands {
    private static final Set<String> IMPORT = Set.of("--home", "--file", "--name");
    private static final int SHORT_ID = 12;

    private ImageCommands() {}

    /** Each file by itself: one that is refused stops no other. */
    static int bringIn(List<String> words, PrintStream out, PrintStream problems) throws IOException {
        Arguments arguments = Arguments.parse(words, IMPORT, Set.of());
        List<String> files = arguments.all("--file");
        if (files.isEmpty()) {
            throw new ConfigException("--file: is required");
        }
        Optional<String> name = arguments.one("--name");
        if (name.isPresent() && files.size() > 1) {
            throw new ConfigException("--name: names the image of one --file, found " + files.size());
        }
        ImageImport imports = new ImageImport(config(arguments));
        List<ImportedImage> images = new ArrayList<>();
        int refused = 0;
        for (String file : files) {
            ImportLines lines = new ImportLines(out, Path.of(file).getFileName().toString());
            try {
                images.addAll(imports.run(Path.of(file), name, lines));
            } catch (IOException e) {
                refused++;
                lines.end();
                problems.println("selvage-agent: not imported: " + e.getMessage());
            }
            lines.end();
        }
        table(images, out);
        return refused == 0 ? 0 : 1;
    }

    private static void table(List<ImportedImage> images, PrintStream out) {
        Table table = new Table("IMAGE", "ARCH", "LAYERS", "SIZE", "ID");
        for (ImportedImage image : images) {
            for (String name : image.names()) {
                table.row(
                        name,
                        image.architecture(),
                        Integer.toString(image.layers()),
                        StatusCommand.bytes(image.bytes()),
                        shortId(image.id()));
            }
        }
        if (!table.isEmpty()) {
            out.print(table.text());
        }
    }

    static int list(Arguments arguments, PrintStream out) throws IOException {
        Table table = new Table("IMAGE", "ORIGIN", "CONTAINERS", "SIZE", "ID");
        for (HeldImage image : new ImageInventory(config(arguments)).list()) {
            table.row(
                    image.name(),
                    image.origin().name().toLowerCase(Locale.ROOT),
                    Integer.toString(image.containers()),
                    StatusCommand.bytes(image.bytes()),
                    shortId(image.id()));
        }
        out.print(table.isEmpty() ? "The engine has no images.\n" : table.text());
        return 0;
    }

    static int remove(Arguments arguments, PrintStream out) throws IOException {
        String name = arguments.required("--name");
        new ImageInventory(config(arguments)).remove(name);
        out.println("removed " + name);
        return 0;
    }

    private static String shortId(String id) {
        String hex = id.startsWith("sha256:") ? id.substring("sha256:".length()) : id;
        return hex.substring(0, Math.min(SHORT_ID, hex.length()));
    }

    private static ContainersConfig config(Arguments arguments) {
        Home home = Main.home(arguments);
        return Agent.containersConfig(home, AgentConfig.read(home))
                .orElseThrow(() -> new ConfigException(
                        "container-engine: found \"none\", this node runs no containers (" + home.config() + ")"));
    }
}
