package dev.selvage.containers;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image reference (github.com/distribution/reference): {@code [DOMAIN/]PATH[:TAG][@DIGEST]}.
 *
 * @param repository with the domain where one was written, as the engine wants it
 * @param domain the registry's host and port; {@code docker.io} where none was written
 * @param tag empty when a digest is given, {@code latest} when neither is
 * @param digest empty or {@code sha256:…}
 */
record ImageName(String repository, String domain, String tag, String digest) {
    private static final int LONGEST = 255;
    private static final String PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    private static final String DOMAIN =
            "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+])(?::[0-9]+)?";
    private static final Pattern REFERENCE = Pattern.compile("((?:" + DOMAIN + "/)?" + PART + "(?:/" + PART
            + ")*)(?::([\\w][\\w.-]{0,127}))?(?:@([a-z0-9]+:[0-9a-fA-F]{32,}))?");

    /** @throws IllegalArgumentException in upstream's words */
    static ImageName parse(String text) {
        Matcher matcher = REFERENCE.matcher(text);
        if (text.length() > LONGEST || !matcher.matches()) {
            throw new IllegalArgumentException(
                    "Failed to apply default image tag \"%s\": couldn't parse image name \"%s\": invalid reference format"
                            .formatted(text, text));
        }
        String repository = matcher.group(1);
        String digest = matcher.group(3) == null ? "" : matcher.group(3);
        String tag = matcher.group(2) == null ? "" : matcher.group(2);
        if (tag.isEmpty() && digest.isEmpty()) {
            tag = "latest";
        }
        return new ImageName(repository, domain(repository), digest.isEmpty() ? tag : "", digest);
    }

    private static String domain(String repository) {
        int slash = repository.indexOf('/');
        String first = slash < 0 ? "" : repository.substring(0, slash);
        boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
        return host ? first : "docker.io";
    }

    /** As the engine lists it: Docker leaves its own registry out (github.com/distribution/reference, familiar names). */
    String familiar() {
        String rest = repository;
        for (String prefix : List.of("index.docker.io/", "docker.io/")) {
            rest = rest.startsWith(prefix) ? rest.substring(prefix.length()) : rest;
        }
        boolean own = !rest.equals(repository) || domain.equals("docker.io");
        String path = own && rest.startsWith("library/") ? rest.substring("library/".length()) : rest;
        return digest.isEmpty() ? path + ":" + tag : path + "@" + digest;
    }

    /** What the engine finds it by. */
    String reference() {
        return digest.isEmpty() ? repository + ":" + tag : repository + "@" + digest;
    }

    /** Upstream's default: Always for {@code latest}, else IfNotPresent. */
    String defaultPolicy() {
        return tag.equals("latest") ? "Always" : "IfNotPresent";
    }
}
