package dev.selvage.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.fuzz.Manifests.Seed;
import dev.selvage.model.Json;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Requests to the centre's API: nearly valid ones by structure, and text that is no request at all. */
final class Requests {
    private static final List<String> OBJECTS =
            Manifests.SEEDS.stream().map(seed -> seed.path() + "/" + name(seed)).toList();
    private static final List<String> PATCHES = List.of(
            "application/merge-patch+json",
            "application/json-patch+json",
            "application/strategic-merge-patch+json",
            "application/apply-patch+yaml");
    private static final List<String> PARAMETERS = List.of(
            "watch",
            "limit",
            "continue",
            "resourceVersion",
            "resourceVersionMatch",
            "labelSelector",
            "fieldSelector",
            "timeoutSeconds",
            "allowWatchBookmarks",
            "sendInitialEvents",
            "dryRun",
            "fieldValidation",
            "fieldManager",
            "propagationPolicy",
            "gracePeriodSeconds",
            "orphanDependents",
            "includeObject",
            "pretty",
            "follow",
            "tailLines",
            "sinceSeconds",
            "sinceTime",
            "limitBytes",
            "container",
            "previous",
            "timestamps",
            "source",
            "key",
            "field",
            "node",
            "from",
            "to",
            "step",
            "aggregate",
            "x",
            "");
    private static final List<String> VALUES = List.of(
            "true",
            "false",
            "1",
            "0",
            "-1",
            "99999999999999999999",
            "All",
            "Strict",
            "Ignore",
            "Exact",
            "NotOlderThan",
            "None",
            "Object",
            "Foreground",
            "Orphan",
            "Background",
            "a=b",
            "a in (b,c),!d",
            "a notin ()",
            "metadata.name=x",
            "spec.nodeName!=y",
            "a==",
            "(",
            "%",
            "%zz",
            "%ff",
            "%00",
            "+",
            "now",
            "-1h",
            "2026-01-01T00:00:00Z",
            "1s",
            "avg",
            "max",
            "p99",
            "eyJ2IjoxfQ==",
            "a,".repeat(3_000));
    private static final List<String> READS = List.of(
            "/apis/telemetry.selvage.dev/v1alpha1/series",
            "/apis/telemetry.selvage.dev/v1alpha1/namespaces/first-light/range",
            "/apis/telemetry.selvage.dev/v1alpha1/namespaces/first-light/latest",
            "/apis/telemetry.selvage.dev/v1alpha1/range",
            "/api/v1/namespaces/first-light/pods/room-page/log",
            "/api/v1/pods",
            "/api/v1/events",
            "/apis/selvage.dev/v1alpha1/devices",
            "/apis/selvage.dev/v1alpha1",
            "/openapi/v2",
            "/openapi/v3/apis/selvage.dev/v1alpha1",
            "/version",
            "/metrics",
            "/readyz");
    private static final List<String> ACCEPTS = List.of(
            "application/json",
            "application/json;as=Table;v=v1;g=meta.k8s.io",
            "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
            "application/vnd.kubernetes.protobuf",
            "*/*;q=,;;;==",
            "");

    /** @param streams the answer may not end */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Made(byte[] bytes, boolean streams) {}

    private Requests() {}

    private static String name(Seed seed) {
        return seed.object().path("metadata").path("name").asText();
    }

    static Made make(Draw draw) {
        return switch (draw.below(10)) {
            case 0, 1, 2 -> write(draw);
            case 3, 4 -> patch(draw);
            case 5, 6, 7 -> read(draw);
            case 8 -> delete(draw);
            default -> raw(draw);
        };
    }

    private static Made write(Draw draw) {
        Seed seed = draw.of(Manifests.SEEDS);
        List<ObjectNode> others = Manifests.SEEDS.stream().map(Seed::object).toList();
        ObjectNode body = Trees.mutate(draw, seed.object(), others);
        boolean update = draw.chance(35);
        String path = update ? seed.path() + "/" + name(seed) : seed.path();
        boolean status = update && draw.chance(20);
        Encoded encoded = Encoded.of(draw, body, seed.object());
        // What a node would run, or the system needs, is only tried.
        boolean harmless = seed.path().endsWith("/configmaps")
                || seed.path().endsWith("/sites")
                || seed.path().endsWith("/streams");
        String query = harmless && draw.chance(30)
                ? query(draw, 1)
                : "?dryRun=All&" + query(draw, 2).substring(1);
        return new Made(
                request(
                        draw,
                        update ? "PUT" : "POST",
                        path + (status ? "/status" : "") + query,
                        encoded.type(),
                        encoded.bytes()),
                false);
    }

    private static Made patch(Draw draw) {
        Seed seed = draw.of(Manifests.SEEDS);
        String type = draw.of(PATCHES);
        byte[] body = type.contains("json-patch")
                ? Encoded.jsonPatch(draw, seed.object())
                : Encoded.text(draw, part(draw, seed.object()));
        String path = seed.path() + "/" + name(seed) + (draw.chance(20) ? "/status" : "");
        return new Made(
                request(draw, "PATCH", path + "?dryRun=All&" + query(draw, 1).substring(1), type, body), false);
    }

    /** A piece of the object as a merge patch has it. */
    private static ObjectNode part(Draw draw, ObjectNode object) {
        ObjectNode patch = Json.object();
        object.properties().forEach(field -> {
            if (draw.chance(50)) {
                patch.set(field.getKey(), field.getValue().deepCopy());
            }
        });
        return Trees.mutate(draw, patch, List.of(object));
    }

    private static Made read(Draw draw) {
        String path = draw.of(draw.chance(40) ? OBJECTS : READS);
        if (draw.chance(20)) {
            path = path.substring(0, path.lastIndexOf('/'));
        }
        String query = query(draw, draw.below(4));
        boolean streams = query.contains("watch") || query.contains("follow") || path.endsWith("subscribe");
        String method =
                draw.chance(95) ? "GET" : draw.of(List.of("HEAD", "OPTIONS", "TRACE", "CONNECT", "POST", "PATCH", "x"));
        return new Made(request(draw, method, path + query, "", new byte[0]), streams);
    }

    private static Made delete(Draw draw) {
        ObjectNode options = Json.parseObject("""
                {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "propagationPolicy": "Background", "dryRun": ["All"],
                 "preconditions": {"uid": "u", "resourceVersion": "1"}}""");
        byte[] body = draw.chance(50) ? new byte[0] : Encoded.text(draw, Trees.mutate(draw, options, List.of(options)));
        String path = draw.of(OBJECTS);
        if (draw.chance(10)) {
            path = path.substring(0, path.lastIndexOf('/'));
        }
        return new Made(
                request(
                        draw,
                        "DELETE",
                        path + "?dryRun=All&" + query(draw, 1).substring(1),
                        body.length == 0 ? "" : "application/json",
                        body),
                false);
    }

    private static String query(Draw draw, int parameters) {
        StringBuilder query = new StringBuilder("?");
        for (int n = 0; n < parameters; n++) {
            String value = draw.chance(60) ? draw.of(VALUES) : URLEncoder.encode(draw.word(), StandardCharsets.UTF_8);
            query.append(n == 0 ? "" : "&")
                    .append(draw.of(PARAMETERS))
                    .append('=')
                    .append(value.replace(" ", "%20"));
        }
        return query.toString();
    }

    private static byte[] request(Draw draw, String method, String target, String type, byte[] body) {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        if (draw.chance(50)) {
            head.append("Accept: ").append(draw.of(ACCEPTS)).append("\r\n");
        }
        if (!type.isEmpty()) {
            head.append("Content-Type: ")
                    .append(draw.chance(95) ? type : draw.of(ACCEPTS))
                    .append("\r\n");
        }
        if (draw.chance(8)) {
            head.append(draw.of(List.of(
                            "X",
                            "Authorization",
                            "Accept-Encoding",
                            "If-Match",
                            "Upgrade",
                            "Impersonate-User",
                            "Expect")))
                    .append(": ")
                    .append(draw.word().replaceAll("[\\r\\n\\x00]", "."))
                    .append("\r\n");
        }
        if (body.length > 0 || !type.isEmpty()) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }

    /** A request whose head is broken somewhere, ended so that the server need not wait for more. */
    private static Made raw(Draw draw) {
        byte[] request = request(draw, "GET", draw.of(READS) + query(draw, 1), "", new byte[0]);
        byte[] head = Bytes.mutate(draw, java.util.Arrays.copyOf(request, request.length - 4));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head);
        bytes.writeBytes("\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new Made(bytes.toByteArray(), true);
    }
}
