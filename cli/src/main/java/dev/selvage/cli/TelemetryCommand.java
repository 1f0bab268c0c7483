package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
            "Shows what the nodes have sent up.",
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
                case "latest" -> table(api.getJson(path("latest", Map.of())));
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
        table(api.getJson(path("range", Map.of("from", now.minus(back).toString(), "to", now.toString()))));
    }

    private void follow(ApiClient api) {
        header();
        api.lines(path("subscribe", Map.of()))
                .filter(line -> !line.isBlank())
                .forEach(line -> follow(Json.parseObject(line)));
    }

    private static void table(ObjectNode answer) {
        header();
        answer.path("points").forEach(TelemetryCommand::row);
        if (answer.path("truncated").asBoolean()) {
            System.out.println("There is more; ask for a shorter time with --since.");
        }
    }

    private static void header() {
        System.out.printf(FORM, "END", "SOURCE", "KEY", "FIELD", "VALUE", "WINDOW");
    }

    private static void row(JsonNode point) {
        Instant start = Instant.parse(Json.textAt(point, "start"));
        Instant end = Instant.parse(Json.textAt(point, "end"));
        System.out.printf(
                Locale.ROOT,
                FORM,
                TIME.format(end),
                Json.textAt(point, "source"),
                Json.textAt(point, "key"),
                Json.textAt(point, "field"),
                String.format(Locale.ROOT, "%.3f", point.path("value").asDouble()),
                window(Duration.between(start, end), point.path("partial").asBoolean()));
    }

    private static String window(Duration length, boolean partial) {
        return (length.isPositive() ? length.toSeconds() + " s" : "") + (partial ? ", partial" : "");
    }

    private static void follow(JsonNode line) {
        if (line.has("lost")) {
            System.out.println("(" + line.path("lost").asLong() + " values were too fast for this terminal)");
        } else if (line.has("value")) {
            row(line);
        }
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
