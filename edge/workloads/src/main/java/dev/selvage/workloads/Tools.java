package dev.selvage.workloads;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Programs of the host by absolute path.
 *
 * @param root whether we may change users; without it the container runs as our own user, seen as another one inside
 */
record Tools(
        Path bwrap,
        Path setpriv,
        Path nsenter,
        Path env,
        Path shell,
        Path setsid,
        Optional<Path> fallocate,
        boolean root) {
    /** Where a foreign root gets the programs that drop privileges, with the libraries they need. */
    static final String INSIDE = "/.selvage";

    private static final Pattern LIBRARY = Pattern.compile("(?:\\S+ => )?(/\\S+) \\(0x[0-9a-f]+\\)");

    /** Either the tools, or what is missing. */
    record Found(Optional<Tools> tools, String missing) {}

    static Found find(boolean root) {
        Map<String, Path> found = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        Map<String, String> packages = Map.of(
                "bwrap", "bubblewrap",
                "setpriv", "util-linux",
                "nsenter", "util-linux",
                "setsid", "util-linux",
                "env", "coreutils",
                "sh", "dash");
        for (String name : List.of("bwrap", "setpriv", "nsenter", "env", "sh", "setsid")) {
            Programs.find(name)
                    .ifPresentOrElse(
                            path -> found.put(name, path),
                            () -> missing.add("%s (Debian package %s)".formatted(name, packages.get(name))));
        }
        if (!missing.isEmpty()) {
            return new Found(Optional.empty(), "not installed: " + String.join(", ", missing));
        }
        return new Found(
                Optional.of(new Tools(
                        at(found, "bwrap"),
                        at(found, "setpriv"),
                        at(found, "nsenter"),
                        at(found, "env"),
                        at(found, "sh"),
                        at(found, "setsid"),
                        Programs.find("fallocate"),
                        root)),
                "");
    }

    /** The files that setpriv, env and setsid need at run time: the loader first, then the libraries. */
    List<Path> libraries(Path scratch) throws IOException {
        List<Path> files = new ArrayList<>();
        Path ldd = Programs.find("ldd")
                .orElseThrow(() -> new IOException("ldd is not installed (Debian package libc-bin)"));
        for (Path program : List.of(setpriv, env, setsid)) {
            Programs.Result result = Programs.run(List.of(ldd.toString(), program.toString()), scratch);
            for (String line : result.output().lines().toList()) {
                Matcher library = LIBRARY.matcher(line.strip());
                if (library.matches() && !files.contains(Path.of(library.group(1)))) {
                    Path file = Path.of(library.group(1));
                    files.add(line.contains("=>") ? files.size() : 0, file);
                }
            }
        }
        if (files.isEmpty()) {
            throw new IOException("ldd names no libraries of " + setpriv);
        }
        return files;
    }

    private static Path at(Map<String, Path> found, String name) {
        return java.util.Objects.requireNonNull(found.get(name));
    }
}
