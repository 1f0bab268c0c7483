package dev.selvage.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The commands of an example's README, run as they stand there: in one bash, in a directory that has the launcher and the
 * examples. Lines indented by four spaces are commands; what is fenced is output.
 */
final class Walk {
    private final Path directory;
    private final int portBase = Selvage.freePorts();
    private final List<List<String>> blocks = new ArrayList<>();

    Walk(Path directory, String example) {
        this.directory = directory;
        try {
            for (String name : List.of("selvage", "examples")) {
                Files.createSymbolicLink(directory.resolve(name), Selvage.root().resolve(name));
            }
            read(Files.readAllLines(
                    Selvage.root().resolve("examples").resolve(example).resolve("README.md")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(List<String> lines) {
        List<String> block = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("    ")) {
                block.add(line.substring(4));
            } else if (!block.isEmpty()) {
                blocks.add(List.copyOf(block));
                block.clear();
            }
        }
        if (!block.isEmpty()) {
            blocks.add(List.copyOf(block));
        }
    }

    /** Adds a command that the README does not have, after the block that has this text. */
    Walk after(String text, String command) {
        for (int i = 0; i < blocks.size(); i++) {
            if (String.join("\n", blocks.get(i)).contains(text)) {
                List<String> longer = new ArrayList<>(blocks.get(i));
                longer.add(command);
                blocks.set(i, longer);
                return this;
            }
        }
        throw new AssertionError("no command of the README has " + text + ": " + blocks);
    }

    /** Runs all of it; what is left running, however it ends, is stopped. */
    Command.Result run(Duration limit) {
        List<String> script = new ArrayList<>(List.of("set -e -o pipefail"));
        for (List<String> block : blocks) {
            script.add("printf '$ %s\\n' " + quoted(String.join("\n", block)));
            script.addAll(block);
        }
        try {
            return bash(String.join("\n", script), limit);
        } finally {
            bash("""
                    for home in "$PWD"/.selvage*; do
                      [ ! -e "$home/selvage.json" ] || ./selvage uninstall --yes --home "$home"
                    done""", Eventually.LIMIT);
        }
    }

    private Command.Result bash(String script, Duration limit) {
        return new Command(List.of("bash", "-c", "cd " + quoted(directory.toString()) + "\n" + script))
                .environment("SELVAGE_HOME", directory.resolve(".selvage").toString())
                .environment("SELVAGE_PORT_BASE", Integer.toString(portBase))
                .run(limit);
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
