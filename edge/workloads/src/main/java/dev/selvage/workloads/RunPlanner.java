package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Pod;
import dev.selvage.model.PodContainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Resolves a container of a pod into what a runtime can start: no reference to the API is left in it. */
final class RunPlanner {
    private final PodsConfig config;
    private final Configs configs;
    private final Volumes volumes;
    private final TerminationMessages messages;

    RunPlanner(PodsConfig config, Configs configs, Volumes volumes, TerminationMessages messages) {
        this.messages = messages;
        this.config = config;
        this.configs = configs;
        this.volumes = volumes;
    }

    RunPlan plan(
            PodRuntime runtime, Pod pod, PodContainer container, RunId run, String podIp, ImageRequest.Events events) {
        Optional<Failure> image = runtime.image(new ImageRequest(
                run, container.image(), Json.textAt(container.node(), "imagePullPolicy"), pullSecrets(pod), events));
        if (image.isPresent()) {
            return new RunPlan.NotYet(image.get());
        }
        try {
            return resolve(runtime, pod, container, run, podIp);
        } catch (MissingConfigException e) {
            return new RunPlan.NotYet(new Failure("CreateContainerConfigError", String.valueOf(e.getMessage()), true));
        } catch (IOException e) {
            return new RunPlan.NotYet(new Failure("CreateContainerError", String.valueOf(e), true));
        }
    }

    private RunPlan resolve(PodRuntime runtime, Pod pod, PodContainer container, RunId run, String podIp)
            throws MissingConfigException, IOException {
        Volumes.Synced synced = volumes.sync(pod, true);
        if (synced instanceof Volumes.Synced.Missing missing) {
            throw new MissingConfigException(missing.message());
        }
        List<RunSpec.Mount> mounts = new ArrayList<>();
        Map<String, String> given = new LinkedHashMap<>();
        // It listens on the node's loopback address only.
        if (config.api().isPresent() && pod.hostNetwork()) {
            PodsConfig.LoopbackApi api = config.api().get();
            mounts.add(volumes.token(pod, api.tokens().token(pod.namespace(), pod.name(), pod.uid())));
            given.put("SELVAGE_API", api.address().toString());
            given.put("SELVAGE_TOKEN_FILE", Volumes.TOKEN_DIRECTORY + "/token");
        }
        mounts.addAll(volumes.mounts(pod, container));
        mounts.add(messages.mount(run, container));
        String hostname = Environment.hostname(pod, config);
        RunDefaults defaults = runtime.defaults(hostname);
        Map<String, String> environment =
                new Environment(pod, configs, config, podIp).of(container, defaults.environment(), given);
        return new RunPlan.Ready(new RunSpec(
                run,
                container.image(),
                container.command().stream()
                        .map(c -> Expansion.expand(c, environment))
                        .toList(),
                container.args().stream()
                        .map(c -> Expansion.expand(c, environment))
                        .toList(),
                container.workingDir(),
                environment,
                hostname,
                mounts,
                new RunSpec.Limits(container.cpuLimit(), container.cpuRequest(), container.memoryLimit()),
                user(pod, container, defaults.user()),
                security(pod, container),
                new RunSpec.Terminal(
                        container.node().path("tty").asBoolean(),
                        container.node().path("stdin").asBoolean())));
    }

    private static RunSpec.User user(Pod pod, PodContainer container, int otherwise) {
        JsonNode ofPod = pod.spec().path("securityContext");
        JsonNode own = container.node().path("securityContext");
        int uid = own.path("runAsUser").asInt(ofPod.path("runAsUser").asInt(otherwise));
        int gid = own.path("runAsGroup").asInt(ofPod.path("runAsGroup").asInt(otherwise));
        List<Integer> groups = new ArrayList<>();
        ofPod.path("supplementalGroups").forEach(g -> groups.add(g.asInt()));
        if (ofPod.has("fsGroup")) {
            groups.add(ofPod.path("fsGroup").asInt());
        }
        boolean nonRoot =
                own.path("runAsNonRoot").asBoolean(ofPod.path("runAsNonRoot").asBoolean(false));
        return new RunSpec.User(uid, gid, groups, nonRoot);
    }

    private static RunSpec.Security security(Pod pod, PodContainer container) {
        JsonNode own = container.node().path("securityContext");
        String seccomp = Json.textAt(own, "seccompProfile", "type");
        boolean privileged = own.path("privileged").asBoolean(false);
        return new RunSpec.Security(
                privileged,
                own.path("readOnlyRootFilesystem").asBoolean(false),
                privileged || own.path("allowPrivilegeEscalation").asBoolean(true),
                texts(own.path("capabilities").path("add")),
                texts(own.path("capabilities").path("drop")),
                seccomp.isEmpty() ? Json.textAt(pod.spec(), "securityContext", "seccompProfile", "type") : seccomp);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(t -> texts.add(t.asText()));
        return texts;
    }

    private List<ObjectNode> pullSecrets(Pod pod) {
        List<ObjectNode> secrets = new ArrayList<>();
        pod.spec()
                .path("imagePullSecrets")
                .forEach(s -> configs.get(ObjectKey.of(Kinds.SECRET, pod.namespace(), Json.textAt(s, "name")))
                        .ifPresent(secrets::add));
        return secrets;
    }
}
