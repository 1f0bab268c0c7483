package dev.selvage.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.List;

/** One valid object of each kind that clients write, to be mutated; none of them is ever run by a node. */
final class Manifests {
    /** @param path of its collection */
    record Seed(String path, ObjectNode object) {}

    private static final String OWN = "/apis/selvage.dev/v1alpha1";
    static final String NAMESPACE = "fuzz";

    static final List<Seed> SEEDS = List.of(
            seed("/api/v1/namespaces/fuzz/configmaps", """
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "map", "namespace": "fuzz", "labels": {"a": "b"},
             "annotations": {"c": "d"}, "finalizers": ["fuzz.selvage.dev/hold"]}, "data": {"x": "y"}, "binaryData": {"z": "AAEC"}, "immutable": false}"""),
            seed("/api/v1/namespaces/fuzz/secrets", """
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "secret", "namespace": "fuzz"}, "type": "Opaque", "data": {"x": "eA=="},
             "stringData": {"y": "z"}}"""),
            seed("/api/v1/namespaces/fuzz/pods", """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod", "namespace": "fuzz", "generateName": "pod-"}, "spec": {
             "runtimeClassName": "process", "hostNetwork": true, "nodeSelector": {"no": "node"}, "restartPolicy": "OnFailure",
             "terminationGracePeriodSeconds": 5, "activeDeadlineSeconds": 9, "priority": 0, "tolerations": [{"key": "k", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 3}],
             "initContainers": [{"name": "i", "image": "host", "command": ["/bin/true"]}],
             "containers": [{"name": "c", "image": "host", "command": ["/bin/sleep", "1"], "args": ["2"], "workingDir": "/",
              "env": [{"name": "A", "value": "$(B)"}, {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
               {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}}],
              "lifecycle": {"postStart": {"httpGet": {"port": 80}}, "preStop": {"sleep": {"seconds": 1}}},
              "envFrom": [{"configMapRef": {"name": "map", "optional": true}}],
              "ports": [{"containerPort": 80, "protocol": "TCP"}],
              "resources": {"limits": {"memory": "64Mi", "cpu": "500m"}, "requests": {"cpu": "0.1"}},
              "readinessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 2},
              "livenessProbe": {"exec": {"command": ["/bin/true"]}, "initialDelaySeconds": 1},
              "volumeMounts": [{"name": "v", "mountPath": "/v", "readOnly": true}]}],
             "volumes": [{"name": "v", "configMap": {"name": "map", "items": [{"key": "x", "path": "x"}]}},
              {"name": "w", "downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels['a']"}}]}},
              {"name": "p", "projected": {"sources": [{"secret": {"name": "secret", "items": [{"key": "x", "path": "a/b", "mode": 256}]}},
               {"configMap": {"name": "map", "optional": true}},
               {"downwardAPI": {"items": [{"path": "c", "resourceFieldRef": {"containerName": "c", "resource": "requests.memory"}}]}}]}}]}}"""),
            seed("/api/v1/namespaces/fuzz/events", """
            {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "event", "namespace": "fuzz"}, "reason": "R", "message": "m", "type": "Normal",
             "count": 1, "firstTimestamp": "2026-01-01T00:00:00Z", "involvedObject": {"kind": "Pod", "name": "pod", "namespace": "fuzz"}}"""),
            seed("/apis/coordination.k8s.io/v1/namespaces/fuzz/leases", """
            {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "lease", "namespace": "fuzz"}, "spec":
             {"holderIdentity": "h", "leaseDurationSeconds": 10, "renewTime": "2026-01-01T00:00:00.000000Z"}}"""),
            seed("/api/v1/namespaces", """
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "fuzz-two"}, "spec": {"finalizers": ["kubernetes"]}}"""),
            seed("/api/v1/nodes", """
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "nobody", "labels": {"kubernetes.io/hostname": "nobody"}}, "spec": {"unschedulable": true,
             "taints": [{"key": "k", "value": "v", "effect": "NoSchedule"}]}}"""),
            seed(OWN + "/sites", """
            {"apiVersion": "selvage.dev/v1alpha1", "kind": "Site", "metadata": {"name": "site"}, "spec": {"displayName": "S", "address": "A",
             "location": {"latitude": 31.2, "longitude": 121.4}}}"""),
            seed(OWN + "/jointokens", """
            {"apiVersion": "selvage.dev/v1alpha1", "kind": "JoinToken", "metadata": {"name": "token"}, "spec": {"labels": {"a": "b"}, "nodeName": "n", "maxUses": 2,
             "tokenHash": "0000000000000000000000000000000000000000000000000000000000000000", "expiresAt": "2026-01-01T00:00:00Z"}}"""),
            seed(OWN + "/devicemodels", """
            {"apiVersion": "selvage.dev/v1alpha1", "kind": "DeviceModel", "metadata": {"name": "model"}, "spec": {"description": "d", "properties": [
             {"name": "temperature", "type": "number", "unit": "Cel", "range": {"min": -40, "max": 80}},
             {"name": "compressor", "type": "boolean", "access": "readWrite"}]}}"""),
            seed(OWN + "/namespaces/fuzz/devices", """
            {"apiVersion": "selvage.dev/v1alpha1", "kind": "Device", "metadata": {"name": "device", "namespace": "fuzz", "labels": {"a": "b"}}, "spec": {
             "model": "model", "nodeName": "nobody", "interval": "200ms", "modbusTcp": {"host": "127.0.0.1", "port": 5020, "unit": 1, "timeout": "1s"},
             "properties": [{"name": "temperature", "modbusTcp": {"table": "input", "address": 0, "type": "int16", "scale": 0.01}},
              {"name": "compressor", "modbusTcp": {"table": "coil", "address": 0}, "authority": "stream/stream", "failSafe": {"value": false, "after": "5s"}}]}}"""),
            seed(OWN + "/namespaces/fuzz/streams", """
            {"apiVersion": "selvage.dev/v1alpha1", "kind": "Stream", "metadata": {"name": "stream", "namespace": "fuzz"}, "spec": {
             "sql": "SELECT device, temperature > 5 AS compressor FROM `model` WHERE temperature > 5 OR temperature < 3",
             "selector": {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]},
             "sink": {"property": {}}}}"""));

    private Manifests() {}

    private static Seed seed(String path, String json) {
        return new Seed(path, Json.parseObject(json));
    }
}
