package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** All paths of the API: health, version, discovery, OpenAPI, reviews, telemetry, resources. */
final class ApiPaths {
    private final ApiConfig config;
    private final Discovery discovery;
    private final OpenApi openApi;
    private final Reviews reviews;
    private final TelemetryPaths telemetry;
    private final AuthorityPaths authorities;
    private final ResourcePaths resources;
    private final Health health;
    private final Supplier<String> metrics;

    ApiPaths(
            ApiConfig config,
            Discovery discovery,
            OpenApi openApi,
            Reviews reviews,
            TelemetryPaths telemetry,
            AuthorityPaths authorities,
            ResourcePaths resources,
            Health health,
            Supplier<String> metrics) {
        this.config = config;
        this.discovery = discovery;
        this.openApi = openApi;
        this.reviews = reviews;
        this.telemetry = telemetry;
        this.authorities = authorities;
        this.resources = resources;
        this.health = health;
        this.metrics = metrics;
    }

    void answer(Exchange exchange) throws IOException {
        List<String> path = exchange.path();
        String first = path.isEmpty() ? "" : path.getFirst();
        switch (first) {
            case "healthz", "livez", "readyz" -> health.answer(exchange);
            case "version" -> get(exchange, () -> exchange.send(200, version()));
            default -> known(exchange, path, first);
        }
    }

    private void known(Exchange exchange, List<String> path, String first) throws IOException {
        if (exchange.caller().isAnonymous()) {
            throw ApiFailure.unauthorized();
        }
        switch (first) {
            case "" -> get(exchange, () -> exchange.send(200, root()));
            case "metrics" -> {
                requireAdmin(exchange);
                metrics(exchange);
            }
            case "api", "apis" -> api(exchange, path, first);
            case "openapi" -> get(exchange, () -> openApi(exchange, path));
            default -> throw ApiFailure.noSuchPath();
        }
    }

    private void api(Exchange exchange, List<String> path, String first) throws IOException {
        boolean core = first.equals("api");
        if (path.size() == 1) {
            get(exchange, () -> roots(exchange, core));
        } else if (path.size() == 2) {
            Optional<ObjectNode> found = core ? resourceList(path) : discovery.group(path);
            get(exchange, () -> exchange.send(200, found.orElseThrow(ApiFailure::noSuchPath)));
        } else if (!core && path.get(1).equals(TelemetryPaths.GROUP)) {
            requireAdmin(exchange);
            if (!path.get(2).equals("v1alpha1")) {
                throw ApiFailure.noSuchPath();
            }
            telemetry.answer(exchange, path.subList(3, path.size()));
        } else if (!core
                && path.get(1).equals(AuthorityPaths.GROUP)
                && path.get(2).equals("v1alpha1")) {
            requireAdmin(exchange);
            authorities.answer(exchange, path.subList(3, path.size()));
        } else if (!core && path.size() == 3) {
            get(exchange, () -> exchange.send(200, resourceList(path).orElseThrow(ApiFailure::noSuchPath)));
        } else if (!core && path.size() == 4 && isReview(path)) {
            if (!exchange.method().equals("POST")) {
                throw ApiFailure.methodNotAllowed();
            }
            reviews.answer(exchange, path.get(3));
        } else {
            resources.answer(exchange, Router.target(path).orElseThrow(ApiFailure::noSuchPath));
        }
    }

    private static boolean isReview(List<String> path) {
        return path.get(2).equals("v1")
                && (path.get(1).equals("authorization.k8s.io") || path.get(1).equals("authentication.k8s.io"));
    }

    private Optional<ObjectNode> resourceList(List<String> path) {
        return discovery.resources(path.size() == 2 ? path.get(1) : path.get(1) + "/" + path.get(2));
    }

    private void roots(Exchange exchange, boolean core) {
        for (Media media : Media.accepted(exchange.header("Accept"))) {
            String version = media.parameter("v");
            if (media.is("APIGroupDiscoveryList", "apidiscovery.k8s.io")
                    && (version.equals("v2") || version.equals("v2beta1"))) {
                exchange.send(
                        200,
                        "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList",
                        Json.bytes(discovery.aggregated(core, version)));
                return;
            }
        }
        exchange.send(200, core ? discovery.legacyVersions(exchange.header("Host")) : discovery.groups());
    }

    private void openApi(Exchange exchange, List<String> path) {
        if (path.size() == 2 && path.get(1).equals("v2")) {
            if (exchange.header("Accept").contains("protobuf")) {
                exchange.send(200, OpenApiProto.CONTENT_TYPE, OpenApiProto.document(openApi.version2()));
            } else {
                exchange.send(200, openApi.version2());
            }
        } else if (path.size() == 2 && path.get(1).equals("v3")) {
            exchange.send(200, "application/json", openApi.index());
        } else if (path.size() > 3 && path.get(1).equals("v3")) {
            exchange.send(200, "application/json", openApi.document(String.join("/", path.subList(2, path.size()))));
        } else {
            throw ApiFailure.noSuchPath();
        }
    }

    private ObjectNode root() {
        ObjectNode root = Json.object();
        var paths = root.putArray("paths");
        paths.add("/api")
                .add("/apis")
                .add("/healthz")
                .add("/livez")
                .add("/metrics")
                .add("/openapi/v2");
        paths.add("/openapi/v3").add("/readyz").add("/version");
        return root;
    }

    /** The Kubernetes version is the one whose API we serve; clients compare it with their own. */
    private ObjectNode version() {
        return Json.object()
                .put("major", "1")
                .put("minor", "31")
                .put("gitVersion", "v1.31.0+selvage-" + config.version())
                .put("gitCommit", "")
                .put("gitTreeState", "clean")
                .put("buildDate", "1970-01-01T00:00:00Z")
                .put("goVersion", "none")
                .put("compiler", "javac")
                .put("platform", "linux/" + System.getProperty("os.arch"));
    }

    private static void requireAdmin(Exchange exchange) {
        if (!exchange.caller().admin()) {
            throw new ApiFailure(
                    403,
                    "Forbidden",
                    "forbidden: User \"" + exchange.caller().user() + "\" cannot get path \"/"
                            + String.join("/", exchange.path()) + "\"",
                    null);
        }
    }

    private static void get(Exchange exchange, Runnable answer) {
        if (!exchange.method().equals("GET")) {
            throw ApiFailure.methodNotAllowed();
        }
        answer.run();
    }

    private void metrics(Exchange exchange) {
        get(
                exchange,
                () -> exchange.send(
                        200,
                        "text/plain; version=0.0.4; charset=utf-8",
                        metrics.get().getBytes(StandardCharsets.UTF_8)));
    }
}
