package dev.selvage.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import java.security.SecureRandom;
import java.util.Optional;

/** The rules about names that hold for every kind; stricter ones are the API's business. */
final class ObjectNames {
    /** Upstream's alphabet (apimachinery util/rand): no vowels and nothing that looks alike. */
    private static final String SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private static final int SUFFIX = 5;
    private static final int MAX_GENERATED = 63;
    private static final int MAX_NAME = 253;
    private static final SecureRandom RANDOM = new SecureRandom();

    private ObjectNames() {}

    static Optional<Kind> kind(JsonNode body) {
        return Kinds.byKind(Json.textAt(body, "apiVersion"), Json.textAt(body, "kind"));
    }

    /** What is wrong with the names of an object that is to be created. */
    static Optional<String> faultOfNew(JsonNode body, Optional<Kind> kind) {
        String prefix = Json.textAt(body, "metadata", "generateName");
        return Meta.name(body).isEmpty() && !prefix.isEmpty()
                ? faultOf(body, kind, "metadata.generateName", prefix)
                : faultOf(body, kind);
    }

    static Optional<String> faultOf(JsonNode body, Optional<Kind> kind) {
        return faultOf(body, kind, "metadata.name", Meta.name(body));
    }

    private static Optional<String> faultOf(JsonNode body, Optional<Kind> kind, String field, String name) {
        if (kind.isEmpty()) {
            return Optional.of("apiVersion, kind: found " + Json.textAt(body, "apiVersion") + ", "
                    + Json.textAt(body, "kind") + ", which is not served");
        }
        if (!isPathSegment(name)) {
            return Optional.of(field + ": found \"" + name + "\", accepted are 1 to " + MAX_NAME
                    + " characters without '/' and '%', other than \".\" and \"..\"");
        }
        String namespace = Meta.namespace(body);
        if (kind.get().namespaced() ? !isPathSegment(namespace) : !namespace.isEmpty()) {
            return Optional.of("metadata.namespace: found \"" + namespace + "\", accepted is "
                    + (kind.get().namespaced() ? "the name of a namespace" : "none: the kind has cluster scope"));
        }
        String revision = Meta.resourceVersion(body);
        if (!revision.isEmpty() && revision(revision) < 0) {
            return Optional.of(
                    "metadata.resourceVersion: found \"" + revision + "\", accepted is one that a read returned");
        }
        return Optional.empty();
    }

    /** 0 for none; negative for what is no revision. */
    static long revision(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    static String generate(String prefix) {
        StringBuilder name = new StringBuilder(prefix.substring(0, Math.min(prefix.length(), MAX_GENERATED - SUFFIX)));
        for (int i = 0; i < SUFFIX; i++) {
            name.append(SUFFIX_ALPHABET.charAt(RANDOM.nextInt(SUFFIX_ALPHABET.length())));
        }
        return name.toString();
    }

    private static boolean isPathSegment(String name) {
        return !name.isEmpty()
                && name.length() <= MAX_NAME
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().noneMatch(c -> c == '/' || c == '%' || c < ' ');
    }
}
