package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** lifecycle and activeDeadlineSeconds at the API, in upstream's words (k8s.io/kubernetes/pkg/apis/core/validation, defaults.go). */
class PodHooksTest {
    private static final String PODS = "/api/v1/namespaces/hooks/pods";
    private static final String MERGE = "application/merge-patch+json";
    private static TestApi api;

    @BeforeAll
    static void start() {
        api = new TestApi(TestApi.config());
        api.namespace("hooks");
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static ObjectNode send(int status, String query, String name, String spec, String container) {
        HttpResponse<String> response =
                api.send("POST", PODS + query, "application/yaml", """
                metadata: {name: %s}
                spec:
                  %s
                  containers: [{name: app, image: "a:1", %s}]
                """.formatted(name, spec, container));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return Json.parseObject(response.body());
    }

    private static List<String> faults(String spec, String container) {
        return causes(send(422, "?dryRun=All", "p", spec, container));
    }

    private static List<String> causes(ObjectNode status) {
        List<String> faults = new ArrayList<>();
        status.path("details")
                .path("causes")
                .forEach(c -> faults.add(
                        c.path("field").asText() + ": " + c.path("message").asText()));
        return faults;
    }

    @Test
    void hooksThatCallServersGetUpstreamsDefaults() {
        ObjectNode pod = send(
                201,
                "?dryRun=All",
                "p",
                "activeDeadlineSeconds: 60",
                "lifecycle: {postStart: {httpGet: {port: 80}}, preStop: {sleep: {seconds: 30}}}");
        assertThat(pod.at("/spec/containers/0/lifecycle"))
                .hasToString(
                        "{\"postStart\":{\"httpGet\":{\"port\":80,\"path\":\"/\",\"scheme\":\"HTTP\"}},\"preStop\":{\"sleep\":{\"seconds\":30}}}");
        assertThat(pod.at("/spec/activeDeadlineSeconds").asInt()).isEqualTo(60);
    }

    @Test
    void aHookHasOneHandlerAmongThoseThatAreRun() {
        assertThat(faults(
                        "terminationGracePeriodSeconds: 10",
                        "lifecycle: {postStart: {}, preStop: {exec: {command: []}, sleep: {seconds: 1}}}"))
                .containsExactly(
                        "spec.containers[0].lifecycle.postStart: Required value: must specify a handler type",
                        "spec.containers[0].lifecycle.preStop.exec.command: Required value",
                        "spec.containers[0].lifecycle.preStop.sleep: Forbidden: may not specify more than 1 handler type");
        assertThat(faults(
                        "terminationGracePeriodSeconds: 10",
                        "lifecycle: {postStart: {sleep: {seconds: 0}}, preStop: {sleep: {seconds: 11}}}"))
                .containsExactly(
                        "spec.containers[0].lifecycle.postStart.sleep: Invalid value: 0: must be greater than 0 and less than terminationGracePeriodSeconds (10)",
                        "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 11: must be greater than 0 and less than terminationGracePeriodSeconds (10)");
        assertThat(
                        faults(
                                "hostNetwork: false",
                                "lifecycle: {postStart: {tcpSocket: {port: 80}}, preStop: {httpGet: {port: 70000, httpHeaders: [{name: a b, value: c}]}}}"))
                .containsExactly(
                        "spec.containers[0].lifecycle.postStart.tcpSocket: Forbidden: this field is not honoured here; leave it out",
                        "spec.containers[0].lifecycle.preStop.httpGet.port: Invalid value: 70000: must be between 1 and 65535, inclusive",
                        "spec.containers[0].lifecycle.preStop.httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')");
    }

    @Test
    void initContainersHaveNeitherHooksNorProbes() {
        assertThat(faults(
                        "initContainers: [{name: i, image: \"a:1\", lifecycle: {preStop: {sleep: {seconds: 1}}}, readinessProbe: {exec: {command: [x]}}}]",
                        "command: [x]"))
                .containsExactly(
                        "spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always",
                        "spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always");
    }

    @Test
    void aDeadlineMayBeSetAndMadeShorterOnly() {
        assertThat(faults("activeDeadlineSeconds: 0", "command: [x]"))
                .containsExactly(
                        "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive");
        send(201, "", "deadline", "restartPolicy: Never", "command: [x]");
        assertThat(patch("60").path("spec").path("activeDeadlineSeconds").asInt())
                .isEqualTo(60);
        assertThat(patch("30").path("spec").path("activeDeadlineSeconds").asInt())
                .isEqualTo(30);
        assertThat(causes(patch("31")))
                .containsExactly(
                        "spec.activeDeadlineSeconds: Invalid value: 31: must be less than or equal to previous value");
        assertThat(causes(patch("null")))
                .containsExactly(
                        "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value");
    }

    private static ObjectNode patch(String seconds) {
        return Json.parseObject(
                api.send("PATCH", PODS + "/deadline", MERGE, "{\"spec\":{\"activeDeadlineSeconds\":" + seconds + "}}")
                        .body());
    }

    @Test
    void podsThatShouldRunForEverHaveNoDeadline() {
        HttpResponse<String> response =
                api.send("POST", "/apis/apps/v1/namespaces/hooks/deployments?dryRun=All", "application/yaml", """
                metadata: {name: d}
                spec:
                  selector: {matchLabels: {a: b}}
                  template:
                    metadata: {labels: {a: b}}
                    spec: {activeDeadlineSeconds: 5, containers: [{name: app, image: "a:1"}]}
                """);
        assertThat(causes(Json.parseObject(response.body())))
                .containsExactly(
                        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported");
    }
}
