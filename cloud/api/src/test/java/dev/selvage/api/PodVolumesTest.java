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

/** downwardAPI and projected volumes at the API, in upstream's words (k8s.io/kubernetes/pkg/apis/core/validation, defaults.go). */
class PodVolumesTest {
    private static TestApi api;

    @BeforeAll
    static void start() {
        api = new TestApi(TestApi.config());
        api.namespace("volumes");
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static ObjectNode send(int status, String volume, String env) {
        HttpResponse<String> response = api.send(
                "POST", "/api/v1/namespaces/volumes/pods?dryRun=All", "application/yaml", """
                metadata: {name: p}
                spec:
                  containers:
                  - {name: app, image: "a:1", env: [%s], volumeMounts: [{name: v, mountPath: /v}]}
                  volumes: [{name: v, %s}]
                """.formatted(env, volume));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return Json.parseObject(response.body());
    }

    private static List<String> faults(String volume, String env) {
        List<String> faults = new ArrayList<>();
        send(422, volume, env)
                .path("details")
                .path("causes")
                .forEach(c -> faults.add(
                        c.path("field").asText() + ": " + c.path("message").asText()));
        return faults;
    }

    private static List<String> faults(String volume) {
        return faults(volume, "");
    }

    @Test
    void absentFieldsGetUpstreamsDefaults() {
        ObjectNode pod = send(201, """
                projected: {sources: [{secret: {name: s}}, {downwardAPI: {items: [
                  {path: labels, fieldRef: {fieldPath: metadata.labels}},
                  {path: cpu, resourceFieldRef: {containerName: app, resource: limits.cpu}}]}}]}""", """
                {name: MEM, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}},
                {name: CPU, valueFrom: {resourceFieldRef: {resource: requests.cpu}}}""");
        assertThat(pod.at("/spec/volumes/0/projected/defaultMode").asInt()).isEqualTo(0644);
        assertThat(pod.at("/spec/volumes/0/projected/sources/1/downwardAPI/items"))
                .hasToString(
                        "[{\"path\":\"labels\",\"fieldRef\":{\"fieldPath\":\"metadata.labels\",\"apiVersion\":\"v1\"}},"
                                + "{\"path\":\"cpu\",\"resourceFieldRef\":{\"containerName\":\"app\",\"resource\":\"limits.cpu\",\"divisor\":\"0\"}}]");
        assertThat(pod.at("/spec/containers/0/env/1/valueFrom/resourceFieldRef/divisor")
                        .asText())
                .isEqualTo("0");
    }

    @Test
    void sourcesThatNoNodeServesAreRefusedByName() {
        assertThat(
                        faults(
                                "projected: {sources: [{serviceAccountToken: {path: token}}, {clusterTrustBundle: {path: ca, name: x}}]}"))
                .containsExactly(
                        "spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: this field is not honoured here; leave it out",
                        "spec.volumes[0].projected.sources[1].clusterTrustBundle: Forbidden: this field is not honoured here; leave it out");
    }

    @Test
    void aFileMayHaveOneSourceAndASourceOneType() {
        assertThat(faults("""
                projected: {defaultMode: 512, sources: [
                  {configMap: {name: a, items: [{key: k, path: same}]}, secret: {items: [{key: k, path: other}]}},
                  {secret: {name: b, items: [{key: k, path: same}]}},
                  {downwardAPI: {items: [{path: other, fieldRef: {fieldPath: metadata.name}}]}}]}"""))
                .containsExactly(
                        "spec.volumes[0].projected.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive",
                        "spec.volumes[0].projected.sources[0].secret.name: Required value",
                        "spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type",
                        "spec.volumes[0].projected: Invalid value: \"b\": conflicting duplicate paths",
                        "spec.volumes[0].projected: Invalid value: \"other\": conflicting duplicate paths");
    }

    @Test
    void pathsStayInTheVolumeAndModesAreModes() {
        assertThat(faults("""
                configMap: {name: c, defaultMode: -1, items: [
                  {key: k, path: /abs}, {key: k, path: a/../b}, {key: k, path: ..b, mode: 1000}]}"""))
                .containsExactly(
                        "spec.volumes[0].configMap.defaultMode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive",
                        "spec.volumes[0].configMap.items[0].path: Invalid value: \"/abs\": must be a relative path",
                        "spec.volumes[0].configMap.items[1].path: Invalid value: \"a/../b\": must not contain '..'",
                        "spec.volumes[0].configMap.items[2].path: Invalid value: \"..b\": must not start with '..'",
                        "spec.volumes[0].configMap.items[2].mode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive");
    }

    @Test
    void filesTellFieldsThatUpstreamOffersOnly() {
        assertThat(faults("""
                downwardAPI: {items: [
                  {path: a, fieldRef: {fieldPath: status.podIP}},
                  {path: b, fieldRef: {fieldPath: spec.hostname}},
                  {path: c, fieldRef: {fieldPath: "spec.nodeName['x']"}},
                  {path: d, fieldRef: {fieldPath: "metadata.labels['a b']"}},
                  {path: e},
                  {path: f, fieldRef: {fieldPath: metadata.uid}, resourceFieldRef: {resource: limits.cpu}},
                  {path: g, resourceFieldRef: {resource: limits.cpu}},
                  {path: h, resourceFieldRef: {containerName: app, resource: limits.gpu}},
                  {path: i, resourceFieldRef: {containerName: app, resource: limits.memory, divisor: 3Mi}}]}"""))
                .containsExactly(
                        "spec.volumes[0].downwardAPI.fieldRef.fieldPath: Unsupported value: \"status.podIP\": supported values: \"metadata.annotations\", \"metadata.labels\", \"metadata.name\", \"metadata.namespace\", \"metadata.uid\"",
                        "spec.volumes[0].downwardAPI.fieldRef.fieldPath: Invalid value: \"spec.hostname\": error converting fieldPath: field label not supported: spec.hostname",
                        "spec.volumes[0].downwardAPI.fieldRef.fieldPath: Invalid value: \"spec.nodeName['x']\": error converting fieldPath: field label does not support subscript: spec.nodeName['x']",
                        "spec.volumes[0].downwardAPI.fieldRef: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
                        "spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required",
                        "spec.volumes[0].downwardAPI: Invalid value: \"resource\": fieldRef and resourceFieldRef can not be specified simultaneously",
                        "spec.volumes[0].downwardAPI.resourceFieldRef.containerName: Required value",
                        "spec.volumes[0].downwardAPI.resourceFieldRef.resource: Unsupported value: \"limits.gpu\": supported values: \"limits.cpu\", \"limits.ephemeral-storage\", \"limits.memory\", \"requests.cpu\", \"requests.ephemeral-storage\", \"requests.memory\"",
                        "spec.volumes[0].downwardAPI.resourceFieldRef.divisor: Invalid value: \"limits.memory\": only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the memory resource");
    }

    @Test
    void variablesHaveOneSourceAmongThoseOffered() {
        assertThat(faults("emptyDir: {}", """
                {name: A, valueFrom: {}},
                {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}, resourceFieldRef: {resource: limits.cpu}}},
                {name: C, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}},
                {name: D, valueFrom: {fieldRef: {fieldPath: metadata.labels}}},
                {name: E, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: "2"}}}"""))
                .containsExactly(
                        "spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
                        "spec.containers[0].env[1].valueFrom: Invalid value: \"\": may not have more than one field specified at a time",
                        "spec.containers[0].env[2].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty",
                        "spec.containers[0].env[3].valueFrom.fieldRef.fieldPath: Unsupported value: \"metadata.labels\": supported values: \"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\", \"spec.serviceAccountName\", \"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\"",
                        "spec.containers[0].env[4].valueFrom.resourceFieldRef.divisor: Invalid value: \"limits.cpu\": only divisor's values 1m and 1 are supported with the cpu resource");
    }
}
