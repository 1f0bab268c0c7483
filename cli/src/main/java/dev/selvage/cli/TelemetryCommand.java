package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Durations;
import dev.selvage.model.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Telemetry at the centre, as a table. */
@Command(
        name = "telemetry",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Shows what the nodes have sent up:",
            "  telemetry latest    the newest value of each series",
            "  telemetry range     the values of the last minutes, with the gaps and partial windows",
            "  telemetry follow    values as they arrive"
        })
final class TelemetryCommand implements Callable<Integer> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final String FORM = "%-9s %-22s %-12s %-14s %12s  %s%n";

    @Mixin
    private HomeOption homeOption = new HomeOption();

    @Parameters(paramLabel = "WHAT", arity = "0..1", description = "latest, range or follow")
    private String what = "latest";

    @Option(
            names = {"-n", "--namespace"},
            defaultValue = "first-light",
            description = "namespace (default: ${DEFAULT-VALUE})")
    private String namespace = "first-light";

    @Option(names = "--source", defaultValue = "", description = "for example stream/room-average")
    private String source = "";

    @Option(names = "--field", defaultValue = "", description = "for example temperature")
    private String field = "";

    @Option(
            names = "--since",
            defaultValue = "5m",
            description = "how far back a range goes (default: ${DEFAULT-VALUE})")
    private String since = "5m";

    @Override
    public Integer call() {
        try (ApiClient api = new ApiClient(homeOption.home())) {
            switch (what) {
                case "latest" -> table(api.getJson(path("latest", Map.of())).path("items"));
                case "range" -> range(api);
                case "follow" -> follow(api);
                default ->
                    throw new CommandFailed("telemetry: found \"" + what + "\", accepted are latest, range, follow");
            }
        }
        return 0;
    }

    private void range(ApiClient api) {
        Duration back = Durations.parse(since)
                .orElseThrow(
                        () -> new CommandFailed("--since: found \"" + since + "\", accepted is " + Durations.ACCEPTED));
        Instant now = Instant.now();
        table(api.getJson(path("range", Map.of("from", now.minus(back).toString(), "to", now.toString())))
                .path("items"));
    }

    private void follow(ApiClient api) {
        header();
        api.lines(path("subscribe", Map.of())).forEach(line -> {
            if (!line.isBlank()) {
                row(Json.parseObject(line.startsWith("data:") ? line.substring(5) : line));
            }
        });
    }

    private static void table(JsonNode items) {
        header();
        items.forEach(item -> {
            if (item.path("points").isArray()) {
                item.path("points").forEach(point -> row(item, point));
            } else {
                row(item);
            }
        });
    }

    private static void header() {
        System.out.printf(FORM, "END", "SOURCE", "KEY", "FIELD", "VALUE", "WINDOW");
    }

    private static void row(JsonNode item) {
        row(item, item.path("point").isObject() ? item.path("point") : item);
    }

    private static void row(JsonNode series, JsonNode point) {
        long end = point.path("end").asLong();
        long start = point.path("start").asLong(end);
        System.out.printf(
                Locale.ROOT,
                FORM,
                TIME.format(Instant.ofEpochMilli(end)),
                Json.textAt(series, "source"),
                Json.textAt(series, "key"),
                Json.textAt(series, "field"),
                String.format(Locale.ROOT, "%.3f", point.path("value").asDouble()),
                (end > start ? (end - start) / 1000 + " s" : "")
                        + (point.path("partial").asBoolean() ? ", partial" : ""));
    }

    private String path(String verb, Map<String, String> more) {
        Map<String, String> query = new LinkedHashMap<>(more);
        if (!source.isEmpty()) {
            query.put("source", source);
        }
        if (!field.isEmpty()) {
            query.put("field", field);
        }
        List<String> pairs = query.entrySet().stream()
                .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                .toList();
        return "/apis/telemetry.selvage.dev/v1alpha1/namespaces/" + namespace + "/" + verb
                + (pairs.isEmpty() ? "" : "?" + pairs.stream().collect(Collectors.joining("&")));
    }
}
