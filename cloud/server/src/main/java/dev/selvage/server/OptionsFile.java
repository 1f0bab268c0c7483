package dev.selvage.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A file of {@code key=value} lines; {@code #} begins a comment line. A slip is an error with a line number rather than a default. */
final class OptionsFile {
    private OptionsFile() {}

    /**
     * An absent file has no options.
     *
     * @throws IllegalArgumentException naming the line, what was found and what is accepted
     */
    static Map<String, String> read(Path file, Set<String> accepted) {
        Map<String, String> options = new LinkedHashMap<>();
        try {
            List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                if (!line.isEmpty() && !line.startsWith("#")) {
                    add(options, file + ":" + (i + 1), line, accepted);
                }
            }
            return options;
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static void add(Map<String, String> options, String where, String line, Set<String> accepted) {
        int equals = line.indexOf('=');
        String key = equals < 1 ? "" : line.substring(0, equals).strip();
        if (!accepted.contains(key)) {
            throw new IllegalArgumentException(where + ": found \"" + line + "\", accepted is KEY=VALUE with KEY of "
                    + accepted.stream().sorted().toList());
        }
        if (options.put(key, line.substring(equals + 1).strip()) != null) {
            throw new IllegalArgumentException(where + ": \"" + key + "\" is set twice");
        }
    }
}
