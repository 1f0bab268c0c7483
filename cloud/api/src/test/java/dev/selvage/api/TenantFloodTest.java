package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Issue 3, 9: a tenant's flood does not delay another's. */
@Timeout(120)
class TenantFloodTest {
    private static final int USER = 8;
    private static final int FLOODERS = 60;
    private final CountDownLatch open = new CountDownLatch(1);
    private TestApi api = start();

    private static TestApi start() {
        ApiConfig standard = TestApi.config();
        return new TestApi(new ApiConfig(
                standard.host(),
                0,
                "test",
                standard.maxBodyBytes(),
                standard.maxObjectBytes(),
                Duration.ofSeconds(60), // a connection has so long for its first request, and there are many at once
                standard.idleTimeout(),
                standard.requestsPerSecond(),
                standard.burst(),
                USER,
                16));
    }

    @BeforeEach
    void twoTenants() {
        api.namespace("flood");
        api.namespace("calm");
        api.admissions.add(request -> {
            if (request.key().namespace().equals("flood")) {
                await();
            }
        });
    }

    /** Whatever the flood asks for takes until it is let go. */
    private void await() {
        try {
            assertThat(open.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() {
        open.countDown();
        api.close();
    }

    private HttpResponse<String> create(HttpClient client, String namespace, String name) {
        return api.exchange(
                client,
                HttpRequest.newBuilder(URI.create(
                                "https://127.0.0.1:" + api.port() + "/api/v1/namespaces/" + namespace + "/configmaps"))
                        .timeout(Duration.ofSeconds(100))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"metadata\":{\"name\":\"" + name + "\"}}"))
                        .build());
    }

    @Test
    void whileOneTenantsQueueIsFullAnothersWritesReadsAndWatchesAreServed() throws Exception {
        try (HttpClient flood = api.client(api.admin);
                HttpClient same = api.client(api.admin);
                HttpClient other = api.client(api.certificates.issue("CN=other,O=system:masters"));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            String run = Long.toString(System.nanoTime(), 36);
            List<Future<HttpResponse<String>>> flooding = new ArrayList<>();
            for (int i = 0; i < FLOODERS; i++) {
                String name = "f-" + run + "-" + i;
                flooding.add(clients.submit(() -> create(flood, "flood", name)));
            }
            int kept = USER / 2 + USER; // at work, and waiting
            Instant deadline = Instant.now().plusSeconds(40);
            while (flooding.stream().filter(Future::isDone).count() < FLOODERS - kept) {
                assertThat(Instant.now()).as("the flood is refused").isBefore(deadline);
                Thread.onSpinWait();
            }
            Instant begin = Instant.now();
            for (int i = 0; i < 5; i++) {
                assertThat(create(same, "calm", "s-" + run + "-" + i).statusCode())
                        .isEqualTo(201);
                assertThat(create(other, "calm", "o-" + run + "-" + i).statusCode())
                        .isEqualTo(201);
                assertThat(api.send(same, "GET", "/api/v1/namespaces/calm/configmaps", "", new byte[0])
                                .statusCode())
                        .isEqualTo(200);
                assertThat(api.send(
                                        same,
                                        "GET",
                                        "/api/v1/namespaces/calm/configmaps?watch=true&timeoutSeconds=1&resourceVersion=1000000000",
                                        "",
                                        new byte[0])
                                .statusCode())
                        .isNotEqualTo(429);
            }
            assertThat(Duration.between(begin, Instant.now()))
                    .as("20 requests beside the flood")
                    .isLessThan(Duration.ofSeconds(30));
            assertThat(api.usage("api_requests").used())
                    .as("the flood still holds its share")
                    .isEqualTo(USER / 2);
            open.countDown();
            for (Future<HttpResponse<String>> one : flooding) {
                HttpResponse<String> answer = one.get(60, TimeUnit.SECONDS);
                assertThat(answer.statusCode()).isIn(201, 429);
                if (answer.statusCode() == 429) {
                    assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
                    assertThat(answer.body()).contains("too many requests at once");
                }
            }
        }
    }

    @Test
    void oneTenantsWatchesLeaveRoomForAnothersAndHealthIsToldHoweverMuchIsUnderWay() throws Exception {
        try (HttpClient client = api.client(api.admin)) {
            List<HttpResponse<java.io.InputStream>> watches = new ArrayList<>();
            int refused = 0;
            for (int i = 0; i < 6; i++) {
                HttpResponse<java.io.InputStream> watch = watch(client, "flood");
                refused += watch.statusCode() == 429 ? 1 : 0;
                watches.add(watch);
            }
            assertThat(refused).isEqualTo(2);
            HttpResponse<java.io.InputStream> calm = watch(client, "calm");
            assertThat(calm.statusCode()).isEqualTo(200);
            assertThat(api.get("/healthz").statusCode()).isEqualTo(200);
            assertThat(api.get("/metrics").body())
                    .contains(
                            "selvage_api_watches 5",
                            "selvage_limit_used{limit=\"api_watches\"} 5",
                            "selvage_limit_refused_total{limit=\"api_watches\"} 2");
            watches.add(calm);
            for (HttpResponse<java.io.InputStream> watch : watches) {
                watch.body().close();
            }
        }
    }

    private HttpResponse<java.io.InputStream> watch(HttpClient client, String namespace) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + api.port() + "/api/v1/namespaces/" + namespace
                                + "/configmaps?watch=true"))
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }
}
