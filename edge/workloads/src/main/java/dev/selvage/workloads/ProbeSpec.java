package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.PodContainer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A probe with upstream's defaults (core/v1 Probe). */
record ProbeSpec(
        Type type,
        Duration initialDelay,
        Duration timeout,
        Duration period,
        int successThreshold,
        int failureThreshold,
        OptionalLong graceSeconds,
        Check check) {
    enum Type {
        LIVENESS("livenessProbe", "Liveness"),
        READINESS("readinessProbe", "Readiness"),
        STARTUP("startupProbe", "Startup");

        final String field;
        final String text;

        Type(String field, String text) {
            this.field = field;
            this.text = text;
        }
    }

    /** How one look is done. */
    sealed interface Check {
        record Exec(List<String> command) implements Check {}

        record Http(boolean tls, String host, int port, String path, List<String> headers) implements Check {}

        record Tcp(String host, int port) implements Check {}
    }

    /** @param podIp where httpGet and tcpSocket go unless they name a host */
    static Optional<ProbeSpec> of(PodContainer container, Type type, String podIp) {
        JsonNode probe = container.node().path(type.field);
        if (!probe.isObject()) {
            return Optional.empty();
        }
        JsonNode grace = probe.path("terminationGracePeriodSeconds");
        return Optional.of(new ProbeSpec(
                type,
                seconds(probe, "initialDelaySeconds", 0, 0),
                seconds(probe, "timeoutSeconds", 1, 1),
                seconds(probe, "periodSeconds", 10, 1),
                Math.max(1, probe.path("successThreshold").asInt(1)),
                Math.max(1, probe.path("failureThreshold").asInt(3)),
                grace.isNumber() ? OptionalLong.of(grace.asLong()) : OptionalLong.empty(),
                check(container, probe, podIp)));
    }

    /** @param probe a probe, or a hook's handler */
    static Check check(PodContainer container, JsonNode probe, String podIp) {
        if (probe.has("httpGet")) {
            JsonNode http = probe.path("httpGet");
            List<String> headers = new ArrayList<>();
            http.path("httpHeaders").forEach(h -> headers.add(Json.textAt(h, "name") + ": " + Json.textAt(h, "value")));
            return new Check.Http(
                    Json.textAt(http, "scheme").equals("HTTPS"),
                    host(http, podIp),
                    port(container, http.path("port")),
                    Json.textAt(http, "path"),
                    headers);
        }
        if (probe.has("tcpSocket")) {
            JsonNode tcp = probe.path("tcpSocket");
            return new Check.Tcp(host(tcp, podIp), port(container, tcp.path("port")));
        }
        List<String> command = new ArrayList<>();
        probe.path("exec").path("command").forEach(c -> command.add(c.asText()));
        return new Check.Exec(command);
    }

    private static String host(JsonNode action, String podIp) {
        String host = Json.textAt(action, "host");
        return host.isEmpty() ? podIp : host;
    }

    private static int port(PodContainer container, JsonNode port) {
        return port.isTextual() && !port.asText().matches("\\d{1,5}")
                ? container.portNamed(port.asText()).orElse(0)
                : port.asInt();
    }

    private static Duration seconds(JsonNode probe, String field, int normal, int least) {
        return Duration.ofSeconds(Math.max(least, probe.path(field).asInt(normal)));
    }
}
