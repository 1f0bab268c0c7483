package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Consumer;

/**
 * Takes secrets out of resources by their place: values of Secrets, literal values of environment variables (a name does not tell whether its value is a secret),
 * hashes of join tokens, and the annotation in which kubectl repeats what was applied.
 */
final class ResourceRedaction {
    private static final String APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private ResourceRedaction() {}

    /** Tells every value that {@link #redact} will take out. */
    static void secrets(JsonNode object, Consumer<String> value) {
        if (Json.textAt(object, "kind").equals(Kinds.SECRET.kind())) {
            object.path("data").forEach(v -> value.accept(decoded(v.asText())));
            object.path("stringData").forEach(v -> value.accept(v.asText()));
        }
        environments(object, env -> {
            if (env.has("value") && secretName(Json.textAt(env, "name"))) {
                value.accept(Json.textAt(env, "value"));
            }
        });
    }

    static void redact(ObjectNode object, Redactor redactor) {
        if (object.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
            if (metadata.path("annotations") instanceof ObjectNode annotations && annotations.has(APPLIED)) {
                annotations.put(APPLIED, Redactor.MARK);
                redactor.count("applied configurations", 1);
            }
        }
        if (Json.textAt(object, "kind").equals(Kinds.SECRET.kind())) {
            values(object.path("data"), redactor);
            values(object.path("stringData"), redactor);
        }
        if (object.path("spec") instanceof ObjectNode spec && spec.has("tokenHash")) {
            spec.put("tokenHash", Redactor.MARK);
            redactor.count("hashes of join tokens", 1);
        }
        environments(object, env -> {
            if (env.has("value")) {
                env.put("value", Redactor.MARK);
                redactor.count("environment values", 1);
            }
        });
    }

    private static void values(JsonNode values, Redactor redactor) {
        if (values instanceof ObjectNode object) {
            for (var entry : object.properties()) {
                entry.setValue(Json.scalar(
                        Redactor.MARK + " " + entry.getValue().asText().length() + " characters"));
                redactor.count("values of Secrets", 1);
            }
        }
    }

    /** Whatever is called env, in a pod or in the template of one. */
    private static void environments(JsonNode node, Consumer<ObjectNode> visit) {
        if (node.path("env") instanceof ArrayNode variables) {
            variables.forEach(variable -> {
                if (variable instanceof ObjectNode one) {
                    visit.accept(one);
                }
            });
        }
        node.forEach(child -> environments(child, visit));
    }

    private static boolean secretName(String name) {
        return name.matches("(?i).*(pass|secret|token|key|credential|auth).*");
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException plain) {
            return base64;
        }
    }
}
