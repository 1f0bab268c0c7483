package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What lets a machine become a node. The centre knows only the hash of the secret; the token's text is {@code <name>.<secret>}.
 *
 * @param tokenHash SHA-256 of the secret, lower-case hexadecimal
 * @param expiresAt empty for a token without (or with an unreadable) end, which is never accepted
 * @param nodeName the only name that may join with it; empty when any may
 */
public record JoinToken(
        String name,
        String tokenHash,
        Optional<Instant> expiresAt,
        int maxUses,
        String site,
        Map<String, String> labels,
        String nodeName,
        int uses,
        List<String> usedBy) {

    static final ObjectNode SCHEMA = Json.parseObject("""
            {
              "type": "object",
              "description": "Lets machines become nodes until it expires, is used up or is deleted.",
              "required": ["spec"],
              "properties": {
                "spec": {
                  "type": "object",
                  "required": ["tokenHash", "expiresAt"],
                  "properties": {
                    "tokenHash": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the secret, hexadecimal. The secret itself never reaches the centre before it is used."},
                    "expiresAt": {"type": "string", "format": "date-time", "description": "The token is refused from then on."},
                    "maxUses": {"type": "integer", "minimum": 1, "maximum": 100000, "default": 1, "description": "How many nodes may join with it."},
                    "site": {"type": "string", "maxLength": 63, "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "description": "Site of the nodes that join: their label selvage.dev/site."},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Labels of the nodes that join."},
                    "nodeName": {"type": "string", "maxLength": 253, "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", "description": "The only node name that may join."}
                  }
                },
                "status": {
                  "type": "object",
                  "properties": {
                    "uses": {"type": "integer", "minimum": 0, "description": "Nodes that joined."},
                    "usedBy": {"type": "array", "items": {"type": "string"}, "description": "Their names."}
                  }
                }
              }
            }
            """);

    public JoinToken {
        labels = Map.copyOf(labels);
        usedBy = List.copyOf(usedBy);
    }

    public static JoinToken of(ObjectNode object) {
        JsonNode spec = object.path("spec");
        List<String> usedBy = new ArrayList<>();
        Json.at(object, "status", "usedBy").forEach(name -> usedBy.add(name.asText("")));
        return new JoinToken(
                Meta.name(object),
                Json.textAt(spec, "tokenHash"),
                instant(Json.textAt(spec, "expiresAt")),
                spec.path("maxUses").asInt(1),
                Json.textAt(spec, "site"),
                Meta.strings(spec.path("labels")),
                Json.textAt(spec, "nodeName"),
                Json.at(object, "status", "uses").asInt(0),
                usedBy);
    }

    public boolean expired(Instant now) {
        return expiresAt.isEmpty() || !now.isBefore(expiresAt.get());
    }

    public boolean usedUp() {
        return uses >= maxUses;
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
