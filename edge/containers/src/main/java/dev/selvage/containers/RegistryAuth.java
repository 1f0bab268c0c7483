package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Credentials for a registry out of pull secrets ({@code kubernetes.io/dockerconfigjson} and {@code kubernetes.io/dockercfg}). */
final class RegistryAuth {
    private RegistryAuth() {}

    /** Values of the header {@code X-Registry-Auth} to try in turn; the last is the empty one: no credentials. */
    static List<String> headers(ImageName image, List<ObjectNode> secrets) {
        List<String> headers = new ArrayList<>();
        for (ObjectNode secret : secrets) {
            for (Map.Entry<String, JsonNode> entry : registries(secret).properties()) {
                if (matches(entry.getKey(), image)) {
                    headers.add(header(entry.getValue(), image.domain()));
                }
            }
        }
        if (headers.isEmpty()) {
            headers.add("");
        }
        return headers;
    }

    /** Auth entries by registry; nothing when the secret cannot be read, as upstream ignores it. */
    private static JsonNode registries(ObjectNode secret) {
        try {
            String modern = Json.textAt(secret, "data", ".dockerconfigjson");
            return modern.isEmpty()
                    ? Json.parseObject(decode(Json.textAt(secret, "data", ".dockercfg")))
                    : Json.parseObject(decode(modern)).path("auths");
        } catch (JsonException | IllegalArgumentException e) {
            return Json.object();
        }
    }

    private static byte[] decode(String base64) {
        return Base64.getMimeDecoder().decode(base64);
    }

    /** The key is a host, or a URL of one, with a path that the image's begins with. */
    private static boolean matches(String key, ImageName image) {
        String place =
                key.replaceFirst("^https?://", "").replaceFirst("/v[12]/?$", "").replaceFirst("/$", "");
        if (place.equals("index.docker.io")) {
            place = "docker.io";
        }
        String full = image.repository().startsWith(image.domain() + "/")
                ? image.repository()
                : image.domain() + "/" + image.repository();
        return full.startsWith(place + "/");
    }

    private static String header(JsonNode entry, String domain) {
        String user = Json.textAt(entry, "username");
        String password = Json.textAt(entry, "password");
        String both = Json.textAt(entry, "auth");
        if (!both.isEmpty()) {
            try {
                String text = new String(decode(both), StandardCharsets.UTF_8);
                int colon = text.indexOf(':');
                user = colon < 0 ? text : text.substring(0, colon);
                password = colon < 0 ? "" : text.substring(colon + 1);
            } catch (IllegalArgumentException e) {
                // what was written beside it holds
            }
        }
        ObjectNode auth = Json.object().put("username", user).put("password", password);
        String token = Json.textAt(entry, "identitytoken");
        if (!token.isEmpty()) {
            auth.put("identitytoken", token);
        }
        auth.put("serveraddress", domain);
        return Base64.getUrlEncoder().encodeToString(Json.bytes(auth));
    }
}
