package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Pod;
import dev.selvage.model.PodContainer;
import dev.selvage.workloads.PodSandbox;
import java.util.Locale;

/** The engine's view of a pod's sandbox: a container that holds network and IPC namespace, and does nothing. */
final class SandboxSpec {
    private final ContainersConfig config;
    private final String instance;

    SandboxSpec(ContainersConfig config, String instance) {
        this.config = config;
        this.instance = instance;
    }

    ObjectNode of(PodSandbox sandbox) {
        Pod pod = sandbox.pod();
        ObjectNode body = Json.object().put("Image", PauseImage.NAME);
        ObjectNode labels = Names.labels(instance, Names.sandbox(pod.uid()));
        Names.label(labels, pod);
        body.set("Labels", labels);
        ObjectNode host = body.putObject("HostConfig");
        host.put("NetworkMode", pod.hostNetwork() ? "host" : config.network());
        host.put("IpcMode", pod.spec().path("hostIPC").asBoolean() ? "host" : "shareable");
        host.put("ReadonlyRootfs", true);
        host.putArray("CapDrop").add("ALL");
        host.putArray("SecurityOpt").add("no-new-privileges");
        host.putObject("RestartPolicy").put("Name", "no");
        host.putObject("LogConfig").put("Type", "none");
        if (!pod.hostNetwork()) {
            body.put("Hostname", sandbox.hostname());
            ports(body, host, pod);
        }
        hosts(host, pod);
        sysctls(host, pod);
        return body;
    }

    private static void ports(ObjectNode body, ObjectNode host, Pod pod) {
        ObjectNode exposed = body.putObject("ExposedPorts");
        ObjectNode bindings = host.putObject("PortBindings");
        for (PodContainer container : pod.containers()) {
            for (JsonNode port : container.node().path("ports")) {
                String protocol = port.path("protocol").asText("TCP").toLowerCase(Locale.ROOT);
                String name = port.path("containerPort").asInt() + "/" + protocol;
                exposed.putObject(name);
                int hostPort = port.path("hostPort").asInt(0);
                if (hostPort > 0) {
                    ArrayNode to = bindings.get(name) instanceof ArrayNode array ? array : bindings.putArray(name);
                    to.addObject()
                            .put("HostIp", Json.textAt(port, "hostIP"))
                            .put("HostPort", Integer.toString(hostPort));
                }
            }
        }
    }

    private static void hosts(ObjectNode host, Pod pod) {
        ArrayNode extra = host.putArray("ExtraHosts");
        for (JsonNode alias : pod.spec().path("hostAliases")) {
            for (JsonNode name : alias.path("hostnames")) {
                extra.add(name.asText() + ":" + Json.textAt(alias, "ip"));
            }
        }
    }

    private static void sysctls(ObjectNode host, Pod pod) {
        ObjectNode values = host.putObject("Sysctls");
        for (JsonNode sysctl : pod.spec().path("securityContext").path("sysctls")) {
            values.put(Json.textAt(sysctl, "name"), Json.textAt(sysctl, "value"));
        }
    }
}
