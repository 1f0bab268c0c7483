package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hostile input gets an answer below 500 and changes nothing. */
@Timeout(90)
class HostileTest {
    private static final String MAPS = "/api/v1/namespaces/hostile/configmaps";
    private static final String JSON = "application/json";
    private static TestApi api;

    @BeforeAll
    static void start() {
        api = new TestApi(TestApi.config());
        api.namespace("hostile");
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static void refuses(String method, String path, String type, String body) {
        long before = api.resources.revision();
        HttpResponse<String> response = api.send(method, path, type, body);
        assertThat(response.statusCode())
                .as(method + " " + path + " " + response.body())
                .isBetween(400, 499);
        assertThat(api.resources.revision()).isEqualTo(before);
    }

    @Test
    void malformedBodiesAreRefused() {
        for (String body : List.of(
                "{",
                "[]",
                "null",
                "{\"metadata\":[]}",
                "{\"metadata\":{\"name\":{}}}",
                "{\"metadata\":{\"name\":\"a\",\"labels\":{\"a\":1}}}",
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}",
                "{\"metadata\":{\"name\":\"" + "a".repeat(300) + "\"}}",
                "{\"metadata\":{\"name\":\"../../etc\"}}",
                "{\"metadata\":{\"name\":\"a\\u0000b\"}}",
                "{\"metadata\":{\"name\":\"a\",\"creationTimestamp\":\"yesterday\"}}",
                "{\"metadata\":{\"name\":\"a\",\"namespace\":\"other\"}}",
                "{\"data\":" + "[".repeat(5000) + "]".repeat(5000) + "}")) {
            refuses("POST", MAPS, JSON, body);
        }
        refuses("POST", MAPS, "application/yaml", "a: &a [*a]");
        refuses("POST", MAPS, "application/vnd.kubernetes.protobuf", "k8s\0rubbish");
        refuses("POST", MAPS, "application/xml", "<a/>");
        refuses("POST", MAPS, "application/cbor", "x");
    }

    @Test
    void bodiesAndObjectsThatAreTooLargeAreRefusedWith413() {
        String big = "{\"metadata\":{\"name\":\"big\"},\"data\":{\"a\":\"" + "x".repeat(4 << 20) + "\"}}";
        assertThat(api.send("POST", MAPS, JSON, big).statusCode()).isEqualTo(413);
        String sites = "/apis/selvage.dev/v1alpha1/sites";
        String large = "{\"metadata\":{\"name\":\"big\"},\"spec\":{\"displayName\":\"" + "x".repeat(2 << 20) + "\"}}";
        assertThat(api.send("POST", sites, JSON, large).statusCode()).isIn(413, 422);
        assertThat(api.get(sites + "/big").statusCode()).isEqualTo(404);
    }

    @Test
    void wrongQueriesPathsAndMethodsAreRefused() {
        for (String path : List.of(
                "?labelSelector=%3D%3D",
                "?fieldSelector=%3D",
                "?limit=-1",
                "?limit=99999999999999999999",
                "?resourceVersion=x",
                "?watch=maybe",
                "?continue=%00",
                "?watch=true&resourceVersion=-5",
                "?watch=true&sendInitialEvents=true",
                "?labelSelector=" + "a,".repeat(5000))) {
            refuses("GET", MAPS + path, "", "");
        }
        refuses("POST", MAPS + "?dryRun=Some", JSON, "{\"metadata\":{\"name\":\"a\"}}");
        refuses("POST", MAPS + "?fieldValidation=Maybe", JSON, "{\"metadata\":{\"name\":\"a\"}}");
        refuses("POST", "/api/v1/configmaps", JSON, "{\"metadata\":{\"name\":\"a\"}}");
        refuses("GET", "/api/v1/nothing", "", "");
        refuses("GET", "/api/v2/pods", "", "");
        refuses("GET", "/apis/apps/v1/statefulsets", "", "");
        refuses("OPTIONS", MAPS, "", "");
        refuses("DELETE", MAPS + "/none", JSON, "{\"gracePeriodSeconds\":-1}");
        refuses("DELETE", MAPS + "/none?propagationPolicy=Sideways", "", "");
        refuses("GET", "/openapi/v3/apis/none/v1", "", "");
        String telemetry = "/apis/telemetry.selvage.dev/v1alpha1/";
        refuses("GET", telemetry + "latest?source=%00", "", "");
        refuses("GET", telemetry + "range?key=a%00b", "", "");
        refuses("GET", telemetry + "range?field=too-much", "", "");
    }

    @Test
    void timesBeyondReasonAreRefusedOrBounded() {
        api.resources.create(dev.selvage.model.Json.parseObject("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":"
                + "{\"name\":\"bound\",\"namespace\":\"hostile\"},\"spec\":{\"nodeName\":\"edge-1\","
                + "\"containers\":[{\"name\":\"a\"}]}}"));
        String pod = "/api/v1/namespaces/hostile/pods/bound";
        refuses("DELETE", pod + "?gracePeriodSeconds=999999999999999999", "", "");
        for (String since : List.of("sinceSeconds=999999999999999999", "sinceTime=-999999999-01-01T00:00:00Z")) {
            assertThat(api.get(pod + "/log?" + since).statusCode()).isEqualTo(200);
            assertThat(api.logRequests.getLast().since()).isLessThan(java.time.Duration.ofDays(40_000));
        }
    }

    @Test
    void wrongPatchesAreRefused() {
        api.send("POST", MAPS, JSON, "{\"metadata\":{\"name\":\"patched\"},\"data\":{\"a\":\"1\"}}");
        String map = MAPS + "/patched";
        refuses("PATCH", map, JSON, "{}");
        refuses("PATCH", map, "application/merge-patch+json", "[]");
        refuses("PATCH", map, "application/merge-patch+json", "{\"metadata\":null}");
        refuses("PATCH", map, "application/merge-patch+json", "{\"kind\":\"Pod\"}");
        refuses("PATCH", map, "application/merge-patch+json", "{\"metadata\":{\"name\":\"other\"}}");
        refuses("PATCH", map, "application/merge-patch+json", "{\"metadata\":{\"uid\":\"other\"}}");
        refuses(
                "PATCH",
                map,
                "application/merge-patch+json",
                "{\"metadata\":{\"resourceVersion\":\"1\"},\"data\":{\"b\":\"c\"}}");
        refuses("PATCH", map, "application/json-patch+json", "{}");
        refuses("PATCH", map, "application/json-patch+json", "[{\"op\":\"remove\",\"path\":\"\"}]");
        refuses("PATCH", map, "application/json-patch+json", "[{\"op\":\"remove\",\"path\":\"/data/none\"}]");
        refuses("PATCH", map, "application/json-patch+json", "[1]");
        refuses("PATCH", map, "application/strategic-merge-patch+json", "{\"$patch\":\"explode\"}");
        refuses("PATCH", map, "application/strategic-merge-patch+json", "{\"$patch\":\"delete\"}");
        refuses("PATCH", map, "application/strategic-merge-patch+json", "{\"metadata\":{\"ownerReferences\":[1]}}");
        refuses("PATCH", map, "application/apply-patch+yaml", "{}");
        refuses("PATCH", MAPS, "application/merge-patch+json", "{}");
    }

    @Test
    void randomBodiesNeverBreakTheServer() {
        Random random = new Random(42);
        String valid =
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"fuzz\"},\"data\":{\"a\":\"b\"}}";
        HttpClient client = api.client(api.admin);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = valid.getBytes(StandardCharsets.UTF_8);
            for (int j = 0; j < 1 + random.nextInt(4); j++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            String type = random.nextBoolean() ? JSON : "application/yaml";
            assertThat(api.send(client, "POST", MAPS + "?dryRun=All", type, bytes)
                            .statusCode())
                    .as(new String(bytes, StandardCharsets.ISO_8859_1))
                    .isLessThan(500);
        }
        client.close();
    }

    private static SSLSocket connect() throws IOException {
        SSLSocket socket = (SSLSocket)
                api.certificates.context(api.admin).getSocketFactory().createSocket("127.0.0.1", api.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    @Test
    void aBodyThatTricklesIsCutOff() throws Exception {
        Instant begin = Instant.now();
        try (SSLSocket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST " + MAPS + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + JSON
                            + "\r\nContent-Length: 1000\r\n\r\n{")
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] answer = new byte[12];
            InputStream in = socket.getInputStream();
            assertThat(in.readNBytes(answer, 0, 12)).isEqualTo(12);
            assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 408");
        }
        assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void aConnectionThatNeverAsksIsClosed() throws Exception {
        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), api.port());
                SSLSocket slow = connect()) {
            silent.setSoTimeout(20_000);
            slow.getOutputStream().write("GET /api HT".getBytes(StandardCharsets.US_ASCII));
            assertThat(slow.getInputStream().read()).isEqualTo(-1);
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
    }

    /** An address may have 2,500 connections open; those that the server has closed itself are not among them. */
    @Test
    void anAddressIsNotLockedOutByTheConnectionsThatItHadBefore() throws Exception {
        for (int i = 0; i < 2_600; i++) {
            try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
                plain.setSoTimeout(20_000);
                plain.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                plain.getInputStream().readAllBytes();
            } catch (java.net.SocketException reset) {
                // closed as well
            }
        }
        try (SSLSocket socket = connect()) {
            socket.startHandshake();
        }
    }

    @Test
    void aConnectionWhoseSecondRequestTricklesIsClosed() throws Exception {
        try (SSLSocket slow = connect()) {
            slow.setSoTimeout(60_000);
            OutputStream out = slow.getOutputStream();
            out.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(slow.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200");
            Thread trickle = Thread.ofVirtual().start(() -> {
                try {
                    out.write("GET /healthz HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII));
                    while (true) {
                        out.write('a');
                        Thread.sleep(100);
                    }
                } catch (IOException | InterruptedException e) {
                    // The server has closed, or the test is over.
                }
            });
            byte[] rest = slow.getInputStream().readAllBytes();
            trickle.interrupt();
            assertThat(new String(rest, StandardCharsets.US_ASCII)).doesNotContain("HTTP/1.1");
        } catch (java.net.SocketException closed) {
            assertThat(closed).hasMessageContaining("reset");
        }
    }

    /** RFC 9112, 6.3 and 11.2: what could be read as one request or as two is refused, and the connection ends. */
    @Test
    void aRequestThatHidesAnotherIsRefusedAndTheHiddenOneIsNeverDone() throws Exception {
        String hidden = "POST " + MAPS + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + JSON
                + "\r\nContent-Length: 32\r\n\r\n" + "{\"metadata\":{\"name\":\"smuggled\"}}";
        for (String lengths : List.of(
                "Content-Length: 4\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\nContent-Length: 4",
                "Content-Length: 4\r\nContent-Length: 400",
                "Content-Length: +4",
                "Content-Length: 4, 4",
                "Content-Length: -1",
                "Content-Length: 99999999999999999999",
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                "Transfer-Encoding : chunked",
                "X: y\r\n Content-Length: 4")) {
            String answers =
                    exchange("POST " + MAPS + "/x HTTP/1.1\r\nHost: x\r\n" + lengths + "\r\n\r\n0\r\n\r\n" + hidden);
            assertThat(answers).as(lengths).matches("(?s)HTTP/1.1 (4\\d\\d|501) .*");
            assertThat(answers.split("HTTP/1.1 ", -1)).as(lengths).hasSize(2);
        }
        assertThat(api.get(MAPS + "/smuggled").statusCode()).isEqualTo(404);
    }

    @Test
    void chunksThatAreNoneAreRefused() throws Exception {
        for (String chunk : List.of(
                "FFFFFFFFFFFFFFFFF\r\n{}",
                "-1\r\n{}\r\n0\r\n\r\n",
                "zz\r\n{}",
                "2;" + "a".repeat(40_000) + "\r\n{}\r\n0\r\n\r\n")) {
            String answers = exchange("POST " + MAPS + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + JSON
                    + "\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk);
            assertThat(answers).as(chunk.substring(0, 6)).matches("(?s)(HTTP/1.1 4\\d\\d .*)?");
        }
    }

    @Test
    void bytesThatAreNoTlsEndTheConnectionAndNothingElse() throws Exception {
        Random random = new Random(8);
        for (int i = 0; i < 30; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
                socket.setSoTimeout(20_000);
                byte[] bytes = new byte[1 + random.nextInt(400)];
                random.nextBytes(bytes);
                if (i % 2 == 0 && bytes.length > 5) { // a handshake record of a length that never comes
                    System.arraycopy(new byte[] {22, 3, 1, 0, 40}, 0, bytes, 0, 5);
                }
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                assertThat(socket.getInputStream().readAllBytes().length).isLessThan(100);
            } catch (java.net.SocketException reset) {
                assertThat(reset).isNotNull();
            }
        }
        assertThat(api.get("/healthz").statusCode()).isEqualTo(200);
    }

    /** TLS 1.2 is served for old kubectls; a client that asks for a new handshake again and again must not keep the server at it. */
    @Test
    void aRenegotiationIsRefused() throws Exception {
        try (SSLSocket socket = connect()) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.startHandshake();
            socket.getOutputStream()
                    .write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200");
            socket.startHandshake();
            socket.getOutputStream()
                    .write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String rest = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(rest).doesNotContain("HTTP/1.1 200");
        } catch (IOException refused) {
            assertThat(refused).isNotNull();
        }
    }

    @Test
    void aBodyOfMoreValuesThanMemoryAllowsIsRefused() {
        refuses("POST", MAPS, JSON, "{\"data\":[" + "{},".repeat(300_000) + "{}]}");
    }

    private static String exchange(String request) throws IOException {
        try (SSLSocket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (java.net.SocketException | javax.net.ssl.SSLException closed) {
            return "";
        }
    }

    @Test
    void headersThatAreTooLargeAreRefused() throws Exception {
        try (SSLSocket socket = connect()) {
            socket.getOutputStream()
                    .write(("GET /api HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(40_000) + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            byte[] answer = new byte[12];
            assertThat(socket.getInputStream().readNBytes(answer, 0, 12)).isEqualTo(12);
            assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 431");
        }
    }

    /** Kubernetes API conventions, "Response Status Kind": also where the request never became one. */
    @Test
    void whatIsNoHttpIsRefusedWithAStatus() throws Exception {
        for (var refused : Map.of(
                        "GET /api\r\n\r\n",
                        505,
                        "GET /api HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                        400,
                        "GET /api HTTP/1.1\r\n\r\n",
                        400,
                        "G\u0001T /api HTTP/1.1\r\nHost: x\r\n\r\n",
                        400,
                        "GET /%zz HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n",
                        400,
                        "GET /a/../b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                        404,
                        "DELETE /api HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(40_000) + "\r\n\r\n",
                        431,
                        "GET /api HTTP/7.1\r\nHost: x\r\n\r\n",
                        505)
                .entrySet()) {
            String answer = exchange(refused.getKey());
            int code = refused.getValue();
            assertThat(answer)
                    .as(refused.getKey())
                    .startsWith("HTTP/1.1 " + code)
                    .contains("Content-Type: application/json\r\n");
            var status = Json.parseObject(answer.substring(answer.indexOf("\r\n\r\n") + 4));
            assertThat(status.path("kind").asText()).as(answer).isEqualTo("Status");
            assertThat(status.path("apiVersion").asText()).isEqualTo("v1");
            assertThat(status.path("status").asText()).isEqualTo("Failure");
            assertThat(status.path("code").asInt()).isEqualTo(code);
            assertThat(status.path("message").asText()).isNotEmpty().doesNotContain("org.eclipse");
            assertThat(status.path("reason").asText()).isNotEmpty();
        }
    }

    @Test
    void nobodyButAdministratorsReachesResources() {
        HttpClient anonymous = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(api.certificates.anonymous())
                .build();
        HttpClient node = api.client(api.certificates.issue("CN=system:node:edge-1,O=system:nodes"));
        try (anonymous;
                node) {
            byte[] none = new byte[0];
            HttpResponse<String> nobody = api.send(anonymous, "GET", MAPS, "", none);
            assertThat(nobody.statusCode()).isEqualTo(401);
            assertThat(Json.parseObject(nobody.body()).path("reason").asText()).isEqualTo("Unauthorized");
            assertThat(api.send(anonymous, "GET", "/healthz", "", none).body()).isEqualTo("ok");
            HttpResponse<String> refused = api.send(node, "GET", MAPS, "", none);
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(Json.parseObject(refused.body()).path("message").asText())
                    .isEqualTo("configmaps is forbidden: User \"system:node:edge-1\" cannot list resource"
                            + " \"configmaps\" in API group \"\" in the namespace \"hostile\"");
            String telemetry = "/apis/telemetry.selvage.dev/v1alpha1/series";
            assertThat(api.send(node, "GET", telemetry, "", none).statusCode()).isEqualTo(403);
            assertThat(api.send(node, "GET", "/metrics", "", none).statusCode()).isEqualTo(403);
        }
    }

    @Test
    void aClientThatAsksTooOftenIsToldWhenToComeBack() {
        ApiConfig standard = TestApi.config();
        ApiConfig strict = new ApiConfig(
                standard.host(), 0, "test", 1000, 1000, standard.bodyTimeout(), standard.idleTimeout(), 1, 3, 1, 1);
        try (TestApi limited = new TestApi(strict)) {
            HttpResponse<String> last = limited.get("/version");
            for (int i = 0; i < 10 && last.statusCode() == 200; i++) {
                last = limited.get("/version");
            }
            assertThat(last.statusCode()).isEqualTo(429);
            assertThat(last.headers().firstValue("Retry-After")).hasValue("1");
        }
    }
}
