package dev.selvage.containers;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.workloads.RunSpec;
import java.util.List;
import java.util.Locale;

/** The engine's view of one run of a container, joined to its pod's sandbox. */
final class ContainerSpec {
    private static final long PERIOD = 100_000;
    private static final long SMALLEST_QUOTA = 1_000;
    private static final long LEAST_MEMORY = 6L << 20; // the engine refuses less

    private final ContainersConfig config;
    private final String instance;

    ContainerSpec(ContainersConfig config, String instance) {
        this.config = config;
        this.instance = instance;
    }

    /** @param image its config, for what the pod leaves to it */
    ObjectNode of(RunSpec run, ObjectNode image) {
        ObjectNode body =
                Json.object().put("Image", ImageName.parse(run.image()).reference());
        command(body, run);
        ArrayNode environment = body.putArray("Env");
        run.environment().forEach((name, value) -> environment.add(name + "=" + value));
        if (!run.workingDir().isEmpty()) {
            body.put("WorkingDir", run.workingDir());
        }
        String user = user(run.user(), Json.textAt(image, "User"));
        if (!user.isEmpty()) {
            body.put("User", user);
        }
        body.put("Tty", run.terminal().tty()).put("OpenStdin", run.terminal().stdin());
        ObjectNode labels = Names.labels(instance, run.id());
        body.set("Labels", labels);
        body.set("HostConfig", host(run));
        labels.put(Names.SPEC_HASH, hash(body));
        return body;
    }

    static String hash(ObjectNode body) {
        return PauseImage.digest(Json.bytes(body)).substring("sha256:".length(), "sha256:".length() + 16);
    }

    /** Upstream's table: a command takes the place of ENTRYPOINT and of CMD, arguments that of CMD. */
    private static void command(ObjectNode body, RunSpec run) {
        if (!run.command().isEmpty()) {
            add(body.putArray("Entrypoint"), run.command());
        }
        if (!run.args().isEmpty()) {
            add(body.putArray("Cmd"), run.args());
        }
    }

    /** A group without a user goes with the image's user. */
    private static String user(RunSpec.User user, String ofImage) {
        int colon = ofImage.indexOf(':');
        String name = user.uid() != RunSpec.User.OF_IMAGE
                ? Integer.toString(user.uid())
                : colon < 0 ? ofImage : ofImage.substring(0, colon);
        if (user.gid() != RunSpec.User.OF_IMAGE) {
            return (name.isEmpty() ? "0" : name) + ":" + user.gid();
        }
        return user.uid() != RunSpec.User.OF_IMAGE ? name : "";
    }

    private ObjectNode host(RunSpec run) {
        ObjectNode host = Json.object();
        String sandbox = "container:" + Names.of(Names.sandbox(run.id().podUid()));
        host.put("NetworkMode", sandbox).put("IpcMode", sandbox);
        host.putObject("RestartPolicy").put("Name", "no"); // the agent restarts, as the pod's policy says
        ObjectNode log = host.putObject("LogConfig").put("Type", "json-file");
        log.putObject("Config")
                .put("max-size", Long.toString(config.logBytes() / ContainersConfig.LOG_FILES))
                .put("max-file", Integer.toString(ContainersConfig.LOG_FILES));
        limits(host, run.limits());
        security(host, run);
        ArrayNode mounts = host.putArray("Mounts");
        for (RunSpec.Mount mount : run.mounts()) {
            ObjectNode entry = mounts.addObject()
                    .put("Type", "bind")
                    .put("Source", mount.source().toString())
                    .put("Target", mount.target())
                    .put("ReadOnly", mount.readOnly());
            entry.putObject("BindOptions").put("Propagation", "rprivate");
        }
        return host;
    }

    private void limits(ObjectNode host, RunSpec.Limits limits) {
        limits.cpuMillis()
                .ifPresent(millis -> host.put("CpuPeriod", PERIOD)
                        .put("CpuQuota", Math.max(SMALLEST_QUOTA, millis * PERIOD / 1000)));
        limits.cpuRequestMillis()
                .ifPresent(millis -> host.put("CpuShares", Math.clamp(millis * 1024 / 1000, 2, 262_144)));
        limits.memoryBytes().ifPresent(bytes -> {
            long memory = Math.max(LEAST_MEMORY, bytes);
            host.put("Memory", memory).put("MemorySwap", memory); // no swap
        });
        host.put("PidsLimit", config.pids());
    }

    private static void security(ObjectNode host, RunSpec run) {
        RunSpec.Security security = run.security();
        host.put("Privileged", security.privileged()).put("ReadonlyRootfs", security.readOnlyRoot());
        add(host.putArray("CapAdd"), upper(security.addCapabilities()));
        add(host.putArray("CapDrop"), upper(security.dropCapabilities()));
        ArrayNode options = host.putArray("SecurityOpt");
        if (!security.escalation()) {
            options.add("no-new-privileges");
        }
        if (security.seccomp().equals("Unconfined")) {
            options.add("seccomp=unconfined");
        }
        ArrayNode groups = host.putArray("GroupAdd");
        run.user().groups().forEach(g -> groups.add(Integer.toString(g)));
    }

    private static List<String> upper(List<String> names) {
        return names.stream().map(n -> n.toUpperCase(Locale.ROOT)).toList();
    }

    private static void add(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }
}
