package dev.selvage.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.agent.Tokens.Caller;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Quality;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** design.md "Node": a loopback API with per-pod tokens serves local apps, another door the site's own people; neither crosses a tenant's border. */
class LoopbackApiTest {
    @TempDir
    Path dir;

    private final EventFeed feed = new EventFeed();
    private final Map<ObjectKey, String> pods = new ConcurrentHashMap<>();
    private Tokens tokens;
    private LoopbackApi api;
    private String site = "";
    private String pod = "";

    private final TwoTenants node = new TwoTenants();

    @BeforeEach
    void open() throws IOException {
        Home home = Home.open(dir);
        tokens = Tokens.open(home, key -> Optional.ofNullable(pods.get(key)), fault -> {});
        api = LoopbackApi.open(0, tokens, node, feed);
        site = Files.readString(home.siteToken()).strip();
        pods.put(new ObjectKey("pods", "green", "page"), "uid-1");
        pod = tokens.ofPod("green", "page", "uid-1");
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void theSiteSeesEveryTenantsDevicesAndAPodOnlyItsOwn() throws IOException {
        assertThat(get("/devices", site).body()).contains("green-room", "blue-room");
        assertThat(get("/devices", pod).body()).contains("green-room").doesNotContain("blue-room");
        assertThat(get("/devices/green/green-room", pod).code()).isEqualTo(200);
        assertThat(get("/devices/blue/blue-room", pod).code()).isEqualTo(404);
        assertThat(get("/devices/blue/blue-room", site).code()).isEqualTo(200);
    }

    @Test
    void aPodOpensNeitherTheNodesFiguresNorAWrite() throws IOException {
        assertThat(get("/metrics", pod).code()).isEqualTo(403);
        assertThat(get("/lanes", pod).code()).isEqualTo(403);
        assertThat(post("/devices/green/green-room/properties/light", pod, "{\"value\":true}")
                        .code())
                .isEqualTo(403);
    }

    @Test
    void withoutATokenOnlyTheBareHealthIsTold() throws IOException {
        assertThat(get("/status", "").code()).isEqualTo(401);
        assertThat(get("/status", "nonsense").code()).isEqualTo(401);
        assertThat(get("/health", "").body()).isEqualToIgnoringNewLines("{\"status\":\"ok\"}");
        assertThat(get("/health", site).body()).contains("parts");
    }

    @Test
    void readinessIsTheAnswersCode() throws IOException {
        assertThat(get("/ready", "").code()).isEqualTo(200);
        node.ready = false;
        assertThat(get("/ready", "").code()).isEqualTo(503);
    }

    @Test
    void aTokenOfAPodThatTheNodeNoLongerHoldsCountsNoMore() throws IOException {
        assertThat(get("/pods", pod).code()).isEqualTo(200);
        pods.put(new ObjectKey("pods", "green", "page"), "uid-2");
        assertThat(get("/pods", pod).code()).isEqualTo(401);
    }

    @Test
    void aTokenWithAnotherSubjectOrAnotherNodesSignatureIsNobodys() throws IOException {
        String signature = pod.substring(pod.indexOf('.'));
        String forged =
                java.util.Base64.getUrlEncoder().withoutPadding().encodeToString("blue/page/uid-1".getBytes(UTF_8));
        pods.put(new ObjectKey("pods", "blue", "page"), "uid-1");
        assertThat(tokens.caller(forged + signature)).isEmpty();
        Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
        Tokens other = Tokens.open(Home.open(elsewhere), key -> Optional.of("uid-1"), fault -> {});
        assertThat(tokens.caller(other.ofPod("green", "page", "uid-1"))).isEmpty();
        assertThat(tokens.caller(pod)).contains(new Caller.Pod("green", "page"));
    }

    @Test
    void aPodsTokenIsTheSameAfterARestartOfTheAgent() throws IOException {
        Tokens again = Tokens.open(Home.open(dir), key -> Optional.empty(), fault -> {});
        assertThat(again.ofPod("green", "page", "uid-1")).isEqualTo(pod);
    }

    @Test
    void theSitesTokenIsReadableByItsOwnerOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("site.token"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir)))
                .isEqualTo("rwx------");
    }

    @Test
    void aNameThatWasRebondToLoopbackIsRefusedByItsHost() throws IOException {
        assertThat(exchange("GET /health HTTP/1.1\r\nHost: evil.example:" + api.port() + "\r\n\r\n")
                        .code())
                .isEqualTo(403);
        assertThat(exchange("GET /health HTTP/1.1\r\nHost: localhost:" + api.port() + "\r\n\r\n")
                        .code())
                .isEqualTo(200);
    }

    @Test
    void aPageOfAnotherOriginIsRefusedAndNoAnswerOpensCors() throws IOException {
        Answer answer = exchange(request("GET", "/status", site, "Origin: http://evil.example\r\n", ""));
        assertThat(answer.code()).isEqualTo(403);
        assertThat(get("/status", site).head()).doesNotContainIgnoringCase("access-control");
    }

    @Test
    void aWriteWithoutAJsonTypeOrWithABrokenOrHugeBodyIsRefused() throws IOException {
        String path = "/devices/green/green-room/properties/light";
        assertThat(exchange(request("POST", path, site, "Content-Type: text/plain\r\n", "{\"value\":true}"))
                        .code())
                .isEqualTo(415);
        assertThat(post(path, site, "{\"value\":").code()).isEqualTo(400);
        assertThat(post(path, site, "{\"value\":\"" + "x".repeat(20_000) + "\"}")
                        .code())
                .isEqualTo(413);
        assertThat(post(path, site, "{\"value\":true}").body()).contains("Confirmed");
    }

    @Test
    void anotherMethodAndAnUnknownPathSayWhatIsAccepted() throws IOException {
        assertThat(post("/status", site, "{}").code()).isEqualTo(405);
        Answer missing = get("/secrets", site);
        assertThat(missing.code()).isEqualTo(404);
        assertThat(missing.body()).contains("/devices/NAMESPACE/NAME");
    }

    @Test
    void eventsReachAReaderOfTheirTenantOnly() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(request("GET", "/events", pod, "", "").getBytes(UTF_8));
            BufferedReader reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            String line = reader.readLine();
            assertThat(line).contains("200");
            while (!line.startsWith("retry")) {
                line = reader.readLine();
            }
            feed.reading(reading("blue"));
            feed.reading(reading("green"));
            while (!line.startsWith("data: ")) {
                line = reader.readLine();
            }
            assertThat(line).contains("\"namespace\":\"green\"", "\"temperature\":4.5", "\"door\":true", "\"Good\"");
        }
    }

    @Test
    void aSlowReaderLosesTheOldestEventsAndIsToldHowMany() throws InterruptedException {
        try (EventFeed.Subscription slow = feed.subscribe(namespace -> true).orElseThrow()) {
            for (int i = 0; i < EventFeed.QUEUE + 7; i++) {
                feed.reading(reading("green"));
            }
            assertThat(slow.next(java.time.Duration.ZERO)).contains(new EventFeed.Event("lost", "{\"events\":7}"));
            assertThat(slow.next(java.time.Duration.ZERO)).isPresent();
        }
    }

    @Test
    void readersAreBounded() {
        for (int i = 0; i < EventFeed.MAX_SUBSCRIBERS; i++) {
            assertThat(feed.subscribe(namespace -> true)).isPresent();
        }
        assertThat(feed.subscribe(namespace -> true)).isEmpty();
    }

    private static DeviceReading reading(String namespace) {
        return new DeviceReading(
                namespace, "room", "cold-room", Map.of(), 1, Map.of("temperature", 4.5, "door", true), Quality.GOOD);
    }

    private record Answer(int code, String head, String body) {}

    private Answer get(String path, String token) throws IOException {
        return exchange(request("GET", path, token, "", ""));
    }

    private Answer post(String path, String token, String body) throws IOException {
        return exchange(request("POST", path, token, "Content-Type: application/json\r\n", body));
    }

    private String request(String method, String path, String token, String headers, String body) {
        String authorization = token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n";
        return method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + api.port() + "\r\n" + authorization + headers
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /** Raw, since HTTP clients choose Host and Origin themselves. */
    private Answer exchange(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(UTF_8));
            StringBuilder head = new StringBuilder();
            var in = socket.getInputStream();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                assertThat(next).as("answer so far: %s", head).isNotNegative();
                head.append((char) next);
            }
            int length = Integer.parseInt(head.toString().replaceAll("(?is).*content-length: (\\d+).*", "$1"));
            String body = new String(in.readNBytes(length), UTF_8);
            return new Answer(Integer.parseInt(head.substring(9, 12)), head.toString(), body);
        }
    }

    /** A node with one device in each of two namespaces. */
    private static final class TwoTenants implements NodeView {
        private boolean ready = true;

        @Override
        public ObjectNode status(Caller caller) {
            return Json.object().put("node", "edge-1");
        }

        @Override
        public ArrayNode pods(Caller caller) {
            return Json.array();
        }

        @Override
        public ArrayNode devices(Caller caller) {
            ArrayNode devices = pods(caller);
            device(caller, "green", "green-room").ifPresent(devices::add);
            device(caller, "blue", "blue-room").ifPresent(devices::add);
            return devices;
        }

        @Override
        public Optional<ObjectNode> device(Caller caller, String namespace, String name) {
            return caller.sees(namespace) ? Optional.of(Json.object().put("name", name)) : Optional.empty();
        }

        @Override
        public ArrayNode streams(Caller caller) {
            return pods(caller);
        }

        @Override
        public ObjectNode lanes() {
            return Json.object();
        }

        @Override
        public ObjectNode health() {
            return Json.object().put("status", "ok").set("parts", Json.object());
        }

        @Override
        public ObjectNode ready() {
            return Json.object().put("ready", ready);
        }

        @Override
        public String metrics() {
            return new Prometheus().add("gauge", "up", "help", 1).toString();
        }

        @Override
        public ObjectNode write(String namespace, String device, String property, ObjectNode body) {
            return Json.object().put("state", "Confirmed").put("message", "");
        }
    }
}
