package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WatchTest {
    private static TestApi api;
    private static HttpClient client;

    @BeforeAll
    static void start() {
        api = new TestApi(TestApi.config());
        client = api.client(api.admin);
    }

    @AfterAll
    static void stop() {
        client.close();
        api.close();
    }

    private static BufferedReader watch(String path, String accept) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + api.port() + path))
                .header("Accept", accept)
                .timeout(Duration.ofSeconds(20))
                .build();
        HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    private static ObjectNode next(BufferedReader lines) throws IOException {
        return Json.parseObject(String.valueOf(lines.readLine()));
    }

    private static String maps(String namespace) {
        return "/api/v1/namespaces/" + namespace + "/configmaps";
    }

    private static String put(String namespace, String name) {
        String body = "{\"metadata\":{\"name\":\"" + name + "\"}}";
        return Json.parseObject(api.send("POST", maps(namespace), "application/json", body)
                        .body())
                .path("metadata")
                .path("resourceVersion")
                .asText();
    }

    @Test
    void aWatchFromARevisionDeliversEverythingAfterIt() throws Exception {
        String namespace = api.namespace("wt-revision");
        String first = put(namespace, "a");
        put(namespace, "b");
        try (BufferedReader lines =
                watch(maps(namespace) + "?watch=true&resourceVersion=" + first, "application/json")) {
            ObjectNode added = next(lines);
            assertThat(added.path("type").asText()).isEqualTo("ADDED");
            assertThat(added.path("object").path("metadata").path("name").asText())
                    .isEqualTo("b");
            api.send("DELETE", maps(namespace) + "/b", "", "");
            assertThat(next(lines).path("type").asText()).isEqualTo("DELETED");
        }
    }

    /** KEP-3157: the synthetic events are followed by a bookmark that says so. */
    @Test
    void initialEventsEndWithAMarkedBookmark() throws Exception {
        String namespace = api.namespace("wt-initial");
        put(namespace, "a");
        String query = "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
        try (BufferedReader lines = watch(maps(namespace) + query + "&allowWatchBookmarks=true", "application/json")) {
            assertThat(next(lines).path("type").asText()).isEqualTo("ADDED");
            ObjectNode bookmark = next(lines);
            assertThat(bookmark.path("type").asText()).isEqualTo("BOOKMARK");
            assertThat(bookmark.path("object")
                            .path("metadata")
                            .path("annotations")
                            .path("k8s.io/initial-events-end")
                            .asText())
                    .isEqualTo("true");
        }
        assertThat(api.get(maps(namespace) + query).statusCode()).isEqualTo(422);
    }

    @Test
    void aWatchedTableHasItsColumnsOnceAndARowPerEvent() throws Exception {
        String namespace = api.namespace("wt-table");
        put(namespace, "a");
        put(namespace, "b");
        try (BufferedReader lines = watch(
                maps(namespace) + "?watch=true", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")) {
            ObjectNode first = next(lines);
            assertThat(first.path("object").path("kind").asText()).isEqualTo("Table");
            assertThat(first.path("object").path("columnDefinitions")).hasSize(3);
            assertThat(first.path("object")
                            .path("rows")
                            .path(0)
                            .path("object")
                            .path("kind")
                            .asText())
                    .isEqualTo("PartialObjectMetadata");
            assertThat(next(lines).path("object").path("columnDefinitions")).isEmpty();
        }
    }

    @Test
    void aRevisionFromTheFutureIsATimeoutThatSaysWhy() {
        HttpResponse<String> response = api.get(maps("default") + "?watch=true&resourceVersion=999999999999");
        assertThat(response.statusCode()).isEqualTo(504);
        ObjectNode status = Json.parseObject(response.body());
        assertThat(status.path("details").path("causes").path(0).path("reason").asText())
                .isEqualTo("ResourceVersionTooLarge");
        assertThat(status.path("details").path("retryAfterSeconds").asInt()).isEqualTo(1);
    }

    @Test
    void aWatchEndsAtItsTimeout() throws Exception {
        Instant begin = Instant.now();
        try (BufferedReader lines =
                watch(maps("default") + "?watch=true&resourceVersion=0&timeoutSeconds=1&labelSelector=no", "*/*")) {
            assertThat(lines.readLine()).isNull();
        }
        assertThat(Duration.between(begin, Instant.now())).isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
    }

    @Test
    void aClientThatLeavesFreesItsWatch() throws Exception {
        try (BufferedReader lines = watch(maps("default") + "?watch=true&labelSelector=no", "*/*")) {
            assertThat(watches()).isPositive();
            assertThat(lines).isNotNull();
        }
        Instant deadline = Instant.now().plusSeconds(10);
        while (watches() > 0 && Instant.now().isBefore(deadline)) {
            Thread.onSpinWait();
        }
        assertThat(watches()).isZero();
    }

    private static int watches() {
        return api.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("selvage_api_watches"))
                .mapToInt(line -> Integer.parseInt(line.split(" ")[1]))
                .sum();
    }

    /** fabric8 asks for a WebSocket first and takes 200 as "not here". */
    @Test
    void aWebSocketUpgradeIsDeclinedWithACompleteAnswer() throws Exception {
        String namespace = api.namespace("wt-upgrade");
        put(namespace, "a");
        try (javax.net.ssl.SSLSocket socket = (javax.net.ssl.SSLSocket)
                api.certificates.context(api.admin).getSocketFactory().createSocket("127.0.0.1", api.port())) {
            socket.getOutputStream()
                    .write(("GET " + maps(namespace) + "?watch=true HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                                    + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(lines.lines().toList()).startsWith("HTTP/1.1 200 OK").endsWith("{}");
        }
    }
}
