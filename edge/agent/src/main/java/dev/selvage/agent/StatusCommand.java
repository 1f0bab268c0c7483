package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;

/** {@code status}: asks the running agent over its loopback API. */
final class StatusCommand {
    private static final int TIMEOUT_MILLIS = 5_000;

    private StatusCommand() {}

    static int run(Arguments arguments, PrintStream out) throws IOException {
        ObjectNode status = ask(Main.home(arguments));
        if (arguments.has("--json")) {
            out.println(Json.pretty(status));
        } else {
            out.print(new StatusPage(status, Instant.now()).text());
        }
        return 0;
    }

    private static ObjectNode ask(Home home) throws IOException {
        if (!Files.exists(home.loopbackPort()) || !Files.exists(home.siteToken())) {
            throw new IOException("no agent has run in " + home.directory() + " yet");
        }
        String port = Files.readString(home.loopbackPort()).strip();
        try {
            var connection = (HttpURLConnection)
                    URI.create("http://127.0.0.1:" + port + "/status").toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            connection.setRequestProperty(
                    "Authorization",
                    "Bearer " + Files.readString(home.siteToken()).strip());
            try (var body = connection.getInputStream()) {
                return Json.parseObject(body.readAllBytes());
            }
        } catch (IOException e) {
            throw new IOException("no agent answers on 127.0.0.1:" + port + " (" + e.getMessage()
                    + "). Start it: selvage-agent run --home " + home.directory());
        }
    }

    /** For people: {@code 3m}, {@code 2h}. */
    static String age(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        return seconds < 7200 ? seconds / 60 + "m" : seconds < 172_800 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }

    static String bytes(long bytes) {
        return bytes((double) bytes);
    }

    static String bytes(double bytes) {
        double kib = bytes / 1024;
        if (kib < 1024) {
            return Math.round(kib) + " KiB";
        }
        return kib < 1024 * 1024 ? Math.round(kib / 1024) + " MiB" : "%.1f GiB".formatted(kib / 1024 / 1024);
    }
}
