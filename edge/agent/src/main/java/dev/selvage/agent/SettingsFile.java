package dev.selvage.agent;

import dev.selvage.model.Durations;
import dev.selvage.model.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A file of {@code key=value} lines; {@code #} begins a comment line. Stricter than java.util.Properties: no escapes, no repeated key, no key that the agent
 * does not know, so that a slip is an error with a line number rather than a default.
 */
final class SettingsFile {
    private record Line(int number, String value) {}

    private final Path file;
    private final Map<String, Line> lines = new LinkedHashMap<>();

    private SettingsFile(Path file) {
        this.file = file;
    }

    /** Reads the file; an absent one has no settings. */
    static SettingsFile read(Path file, Set<String> accepted) {
        SettingsFile settings = new SettingsFile(file);
        try {
            List<String> text = Files.exists(file) ? Files.readAllLines(file) : List.of();
            for (int i = 0; i < text.size(); i++) {
                settings.add(i + 1, text.get(i).strip(), accepted);
            }
            return settings;
        } catch (IOException e) {
            throw new ConfigException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private void add(int number, String line, Set<String> accepted) {
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        int equals = line.indexOf('=');
        if (equals < 1) {
            throw new ConfigException(file + ":" + number + ": found \"" + line + "\", accepted is key=value");
        }
        String key = line.substring(0, equals).strip();
        if (!accepted.contains(key)) {
            throw new ConfigException(file + ":" + number + ": unknown key \"" + key + "\", accepted are "
                    + String.join(", ", accepted.stream().sorted().toList()));
        }
        Line previous =
                lines.put(key, new Line(number, line.substring(equals + 1).strip()));
        if (previous != null) {
            throw new ConfigException(
                    file + ":" + number + ": \"" + key + "\" is already set in line " + previous.number());
        }
    }

    Optional<String> text(String key) {
        return Optional.ofNullable(lines.get(key)).map(Line::value).filter(v -> !v.isEmpty());
    }

    List<String> list(String key) {
        return text(key).stream()
                .flatMap(v -> List.of(v.split("\\s*,\\s*")).stream())
                .toList();
    }

    int number(String key, int otherwise, int min, int max) {
        return (int) integer(key, otherwise, min, max);
    }

    private long integer(String key, long otherwise, long min, long max) {
        if (text(key).isEmpty()) {
            return otherwise;
        }
        try {
            long value = Long.parseLong(text(key).get());
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            // Falls through to the one message that says what is accepted.
        }
        throw wrong(key, "a whole number from " + min + " to " + max);
    }

    Duration duration(String key, Duration otherwise, Duration min, Duration max) {
        if (text(key).isEmpty()) {
            return otherwise;
        }
        return Durations.parse(text(key).get())
                .filter(d -> d.compareTo(min) >= 0 && d.compareTo(max) <= 0)
                .orElseThrow(() -> wrong(key, "a duration from " + shown(min) + " to " + shown(max) + ", such as 15s"));
    }

    long bytes(String key, long otherwise, long min) {
        if (text(key).isEmpty()) {
            return otherwise;
        }
        return Quantity.parse(text(key).get())
                .map(Quantity::units)
                .filter(b -> b >= min)
                .orElseThrow(() -> wrong(key, "a size of at least " + min + " bytes, such as 64Mi"));
    }

    /** The error for a key's value. */
    ConfigException wrong(String key, String accepted) {
        Line line = lines.get(key);
        String where = line == null ? file.toString() : file + ":" + line.number();
        String found = line == null ? "nothing" : "\"" + line.value() + "\"";
        return new ConfigException(where + ": " + key + ": found " + found + ", accepted is " + accepted);
    }

    private static String shown(Duration duration) {
        return duration.toSeconds() < 120 ? duration.toSeconds() + "s" : duration.toMinutes() + "m";
    }
}
