package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Issue 3, "health, readiness and Prometheus metrics on centre and agent name every limit and how near it is"; Kubernetes' "API health endpoints". */
class HealthTest {
    private static TestApi api;
    private static HttpClient anonymous;

    @BeforeAll
    static void start() {
        api = new TestApi(TestApi.config());
        anonymous = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(api.certificates.anonymous())
                .build();
    }

    @AfterAll
    static void stop() {
        anonymous.close();
        api.close();
    }

    @AfterEach
    void heal() {
        api.healthy.set(true);
    }

    @Test
    void anybodyMayAskWhetherTheCentreIsAliveAndReady() {
        for (String door : new String[] {"/livez", "/readyz", "/healthz"}) {
            HttpResponse<String> answer = ask(door);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("ok");
        }
        assertThat(ask("/readyz?verbose").body())
                .isEqualTo("[+]ping ok\n[+]store ok\n[+]shutdown ok\nreadyz check passed\n");
        assertThat(ask("/livez?verbose").body()).isEqualTo("[+]ping ok\nlivez check passed\n");
        assertThat(ask("/readyz/store").body()).isEqualTo("ok");
        assertThat(ask("/livez/store").statusCode()).isEqualTo(404);
        assertThat(api.send("POST", "/readyz", "", "").statusCode()).isEqualTo(405);
    }

    @Test
    void whatFailsIsNamedAndOnlyAnAdministratorHearsWhy() {
        api.healthy.set(false);
        HttpResponse<String> answer = ask("/readyz");
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body())
                .isEqualTo("[+]ping ok\n[-]store failed: reason withheld\n[+]shutdown ok\nreadyz check failed\n");
        assertThat(api.get("/readyz").body()).contains("[-]store failed: the database is away");
        assertThat(ask("/readyz/store").statusCode()).isEqualTo(500);
        assertThat(ask("/readyz?exclude=store&verbose&exclude=nonsense").body())
                .contains("[+]store excluded: ok")
                .contains("no matches for \"nonsense\"")
                .endsWith("readyz check passed\n");
        // A restart does not bring the database back.
        assertThat(ask("/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void metricsNameEachLimitWithItsMaximumAndItsUse() {
        assertThat(ask("/metrics").statusCode()).isEqualTo(401);
        HttpResponse<String> answer = api.get("/metrics");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        String text = answer.body();
        assertThat(limits(text, "max"))
                .isEqualTo(limits(text, "used"))
                .contains("api_requests", "api_watches", "api_connections");
        assertThat(value(text, "selvage_limit_used{limit=\"api_connections\"}")).isPositive();
        assertThat(value(text, "selvage_test_total")).isEqualTo(7);
        assertThat(text.lines().filter(line -> line.startsWith("# TYPE selvage_limit_used ")))
                .hasSize(1);
    }

    private static Set<String> limits(String text, String side) {
        Set<String> names = new HashSet<>();
        Pattern.compile("selvage_limit_" + side + "\\{limit=\"([a-z_]+)\"} \\S+")
                .matcher(text)
                .results()
                .forEach(found -> names.add(found.group(1)));
        return names;
    }

    private static double value(String text, String sample) {
        return text.lines()
                .filter(line -> line.startsWith(sample + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + sample + " in\n" + text));
    }

    private static HttpResponse<String> ask(String path) {
        return api.send(anonymous, "GET", path, "", new byte[0]);
    }
}
