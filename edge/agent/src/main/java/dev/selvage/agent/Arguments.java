package dev.selvage.agent;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A command line of {@code --name value} options and {@code --flag}s. */
final class Arguments {
    private final Map<String, List<String>> values = new LinkedHashMap<>();

    private Arguments() {}

    /**
     * @param options names that take a value
     * @param flags names that take none
     * @throws ConfigException naming what was found and what is accepted
     */
    static Arguments parse(List<String> words, Set<String> options, Set<String> flags) {
        Arguments arguments = new Arguments();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            int equals = word.indexOf('=');
            String name = equals > 0 && word.startsWith("--") ? word.substring(0, equals) : word;
            if (flags.contains(word)) {
                arguments.add(word, "");
            } else if (!options.contains(name)) {
                throw new ConfigException("found \"" + word + "\", accepted are "
                        + String.join(
                                ", ",
                                java.util.stream.Stream.concat(options.stream(), flags.stream())
                                        .sorted()
                                        .toList()));
            } else if (!name.equals(word)) {
                arguments.add(name, word.substring(equals + 1));
            } else if (i + 1 < words.size()) {
                arguments.add(name, words.get(++i));
            } else {
                throw new ConfigException(name + ": needs a value");
            }
        }
        return arguments;
    }

    private void add(String name, String value) {
        values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }

    boolean has(String flag) {
        return values.containsKey(flag);
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    Optional<String> one(String name) {
        List<String> given = all(name);
        if (given.size() > 1) {
            throw new ConfigException(name + ": given " + given.size() + " times, accepted is once");
        }
        return given.stream().findFirst();
    }

    String required(String name) {
        return one(name).filter(v -> !v.isBlank()).orElseThrow(() -> new ConfigException(name + ": is required"));
    }
}
