package dev.selvage.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;

/**
 * What a machine needs to become a node.
 *
 * @param hub host:port of the hub
 * @param fingerprint SHA-256 of the authority's certificate, hexadecimal
 * @param token {@code name.secret}; only the secret's hash is kept at the centre
 */
record JoinCode(String hub, String fingerprint, String token) {
    private static final SecureRandom RANDOM = new SecureRandom();

    static JoinCode create(ApiClient api, String hub, Duration lifetime, String site) {
        String name = "join-" + random(4);
        String secret = random(24);
        ObjectNode object =
                Json.object().put("apiVersion", Kinds.JOIN_TOKEN.apiVersion()).put("kind", Kinds.JOIN_TOKEN.kind());
        object.putObject("metadata").put("name", name);
        ObjectNode spec = object.putObject("spec")
                .put("tokenHash", sha256(secret))
                .put("maxUses", 1)
                .put(
                        "expiresAt",
                        Instant.now()
                                .plus(lifetime)
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString());
        if (!site.isEmpty()) {
            spec.put("site", site);
        }
        api.apply(object);
        return new JoinCode(hub, api.config().authorityFingerprint(), name + "." + secret);
    }

    private static String random(int bytes) {
        byte[] value = new byte[bytes];
        RANDOM.nextBytes(value);
        return HexFormat.of().formatHex(value);
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
