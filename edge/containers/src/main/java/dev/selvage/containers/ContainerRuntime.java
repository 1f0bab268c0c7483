package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ContainerPodRules;
import dev.selvage.model.Json;
import dev.selvage.model.Pod;
import dev.selvage.workloads.ExecEnd;
import dev.selvage.workloads.ExecOutcome;
import dev.selvage.workloads.ExecRequest;
import dev.selvage.workloads.ExecStreams;
import dev.selvage.workloads.Failure;
import dev.selvage.workloads.ImageRequest;
import dev.selvage.workloads.LocalImage;
import dev.selvage.workloads.LogRequest;
import dev.selvage.workloads.Observation;
import dev.selvage.workloads.PodRuntime;
import dev.selvage.workloads.PodSandbox;
import dev.selvage.workloads.RunDefaults;
import dev.selvage.workloads.RunId;
import dev.selvage.workloads.RunSpec;
import dev.selvage.workloads.RuntimeFeatures;
import dev.selvage.workloads.StartOutcome;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Pods as containers of a Docker Engine: one that does nothing holds what a pod shares, the others join it. All are found
 * again by their labels. While the engine is away, what was known of its containers holds, and what is asked of it is tried again.
 */
public final class ContainerRuntime implements PodRuntime {
    public static final String NAME = "container";

    private static final System.Logger LOG = System.getLogger(ContainerRuntime.class.getName());
    private static final Duration FIRST_ANSWER = Duration.ofSeconds(3);

    private final Engine engine;
    private final ContainerTable table = new ContainerTable();
    private final EngineWatch watch;
    private final Images images;
    private final ImageList imageList;
    private final ImageCollector collector;
    private final PodSandboxes sandboxes;
    private final ContainerSpec specs;
    private final Removals removals;
    private final ContainerExec exec;
    private final InteractiveExec interactive;
    private final ContainerLogs logs;
    private final ContainerUsage usage;
    private volatile Consumer<RunId> listener = run -> {};

    private ContainerRuntime(ContainersConfig config) throws IOException {
        String instance = instance(config.home());
        this.engine = new Engine(config.socket());
        this.removals = new Removals(engine, table, instance, config.home().resolve("removing"));
        this.imageList = new ImageList(engine);
        this.collector = new ImageCollector(
                engine, config.images(), config.pulledImages(), new ImportedImages(config.importedImages()));
        this.watch =
                new EngineWatch(engine, table, instance, run -> listener.accept(run), this::listed, collector::look);
        PullRoom room = new PullRoom(
                new EngineDisk(engine), collector::look, config.images().spare());
        this.images = new Images(
                engine,
                new Pull(engine, config.pullPatience(), room),
                () -> watch.facts().architecture(),
                collector,
                run -> listener.accept(run));
        this.usage = new ContainerUsage(engine);
        this.sandboxes = new PodSandboxes(engine, table, new SandboxSpec(config, instance), watch);
        this.specs = new ContainerSpec(config, instance);
        this.exec = new ContainerExec(engine);
        this.interactive = new InteractiveExec(engine);
        this.logs = new ContainerLogs(engine);
    }

    private void listed() {
        imageList.look();
        removals.retry();
    }

    /** Never fails for want of an engine: {@link #features} tells, and one that comes later is taken. */
    public static ContainerRuntime open(ContainersConfig config) {
        try {
            ContainerRuntime runtime = new ContainerRuntime(config);
            runtime.watch.begin(FIRST_ANSWER);
            return runtime;
        } catch (IOException e) {
            throw new UncheckedIOException("container runtime at " + config.home(), e);
        }
    }

    private static String instance(Path home) {
        byte[] path = home.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8);
        return PauseImage.digest(path).substring("sha256:".length(), "sha256:".length() + 12);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String idScheme() {
        return watch.facts().name();
    }

    @Override
    public String runName(RunId run) {
        return Names.of(run);
    }

    @Override
    public RunDefaults defaults(String hostname) {
        return new RunDefaults(RunSpec.User.OF_IMAGE, Map.of());
    }

    @Override
    public RuntimeFeatures features() {
        Engine.Facts facts = watch.facts();
        String version = facts.version().isEmpty() ? "" : facts.name() + "://" + facts.version();
        return new RuntimeFeatures(watch.away(), Optional.empty(), version);
    }

    @Override
    public void onChange(Consumer<RunId> changed) {
        this.listener = changed;
    }

    /** An engine that is away is no reason: it comes back, and a refusal is final. */
    @Override
    public Optional<String> refuse(Pod pod) {
        return ContainerPodRules.check(pod).stream().findFirst().map(Object::toString);
    }

    @Override
    public List<LocalImage> images() {
        return imageList.last();
    }

    @Override
    public Optional<Failure> image(ImageRequest request) {
        return images.want(request);
    }

    @Override
    public String imageId(String image) {
        return images.id(image);
    }

    @Override
    public Optional<Failure> preparePod(PodSandbox pod) {
        return sandboxes.prepare(pod);
    }

    @Override
    public boolean prepared(String podUid) {
        return sandboxes.running(podUid);
    }

    @Override
    public Optional<String> podIp(String podUid) {
        return table.find(Names.sandbox(podUid)).flatMap(ContainerTable.Entry::address);
    }

    @Override
    public void releasePod(String podUid) {
        kill(Names.sandbox(podUid));
    }

    @Override
    public StartOutcome start(RunSpec spec) {
        try {
            ObjectNode image = images.config(spec.image());
            Optional<String> root = RootUser.refusal(spec.user(), Json.textAt(image, "User"));
            if (root.isPresent()) {
                return new StartOutcome.Failed(new Failure("CreateContainerConfigError", root.get(), true));
            }
            return start(spec, specs.of(spec, image));
        } catch (IOException e) {
            return new StartOutcome.Failed(new Failure("CreateContainerError", String.valueOf(e.getMessage()), true));
        }
    }

    private StartOutcome start(RunSpec spec, ObjectNode body) throws IOException {
        String name = Names.of(spec.id());
        Optional<JsonNode> existing = engine.find("/containers/" + name + "/json");
        if (existing.isPresent() && stale(existing.get(), body)) {
            engine.act("DELETE", "/containers/" + name + "?force=1&v=1", Engine.LONG);
            existing = Optional.empty();
        }
        if (existing.isEmpty()) {
            engine.post("/containers/create?name=" + name, body, Engine.LONG);
        }
        try {
            engine.post("/containers/" + name + "/start", Engine.LONG);
        } catch (EngineException e) {
            return notStarted(spec, String.valueOf(e.getMessage()));
        }
        return look(spec.id()) instanceof Observation.Exited exited
                        && exited.reason().equals("StartError")
                ? new StartOutcome.BadCommand(exited.message())
                : new StartOutcome.Started(startedAt(spec.id()));
    }

    /** Made, never started, and by another plan than this one: a ConfigMap that its environment names has changed since. */
    private static boolean stale(JsonNode existing, ObjectNode wanted) {
        return Json.textAt(existing, "State", "Status").equals("created")
                && !Json.at(existing, "Config", "Labels", Names.SPEC_HASH)
                        .equals(Json.at(wanted, "Labels", Names.SPEC_HASH));
    }

    private StartOutcome notStarted(RunSpec spec, String message) throws IOException {
        if (StartErrors.isBadCommand(message)) {
            look(spec.id());
            return new StartOutcome.BadCommand(StartErrors.shorten(message));
        }
        return new StartOutcome.Failed(new Failure("RunContainerError", StartErrors.shorten(message), true));
    }

    private Observation look(RunId run) throws IOException {
        engine.find("/containers/" + Names.of(run) + "/json").ifPresent(found -> table.put(run, found));
        return observe(run);
    }

    private java.time.Instant startedAt(RunId run) {
        return switch (observe(run)) {
            case Observation.Running running -> running.startedAt();
            case Observation.Exited exited -> exited.startedAt();
            default -> java.time.Instant.now();
        };
    }

    @Override
    public Observation observe(RunId run) {
        Optional<ContainerTable.Entry> entry = table.find(run);
        if (entry.isPresent()) {
            return entry.get().observation();
        }
        return table.known()
                ? new Observation.Absent()
                : new Observation.Unknown(watch.away().orElse("the containers have not been listed yet"));
    }

    @Override
    public List<RunId> runs(String podUid) {
        return table.runs(podUid);
    }

    @Override
    public void terminate(RunId run) {
        try {
            Optional<JsonNode> found = engine.find("/containers/" + Names.of(run) + "/json");
            if (found.isPresent()) {
                String signal = Json.textAt(found.get(), "Config", "StopSignal");
                signal(run, signal.isEmpty() ? "SIGTERM" : signal);
            }
        } catch (IOException e) {
            failed("ask to end", run, e);
        }
    }

    @Override
    public void kill(RunId run) {
        try {
            signal(run, "SIGKILL");
        } catch (IOException e) {
            failed("kill", run, e);
        }
    }

    private void signal(RunId run, String signal) throws IOException {
        engine.act("POST", "/containers/" + Names.of(run) + "/kill?signal=" + Engine.encode(signal), Engine.SHORT);
    }

    @Override
    public ExecOutcome exec(RunId run, List<String> command, Duration timeout) {
        return exec.run(Names.of(run), command, timeout);
    }

    @Override
    public ExecEnd interact(RunId run, ExecRequest request, ExecStreams streams) throws IOException {
        return interactive.run(Names.of(run), request, streams);
    }

    @Override
    public void logs(RunId run, LogRequest request, OutputStream out) throws IOException {
        Optional<JsonNode> found = engine.find("/containers/" + Names.of(run) + "/json");
        if (found.isPresent()) {
            boolean tty = Json.at(found.get(), "Config", "Tty").asBoolean();
            logs.copy(Names.of(run), tty, request, out);
        }
    }

    /** The engine keeps it, and bounds it; it does not tell how much there is. */
    @Override
    public long logBytes(RunId run) {
        return 0;
    }

    @Override
    public long writtenBytes(RunId run) {
        return usage.written(Names.of(run));
    }

    @Override
    public void remove(RunId run) {
        try {
            engine.act("DELETE", "/containers/" + Names.of(run) + "?force=1&v=1", Engine.LONG);
            table.remove(run);
        } catch (IOException e) {
            failed("remove", run, e);
        }
    }

    @Override
    public void removePod(String podUid) {
        removals.remove(podUid);
    }

    /** Of an engine that is away the node's condition tells, not each of its containers. */
    private static void failed(String what, RunId run, IOException e) {
        System.Logger.Level level =
                e instanceof EngineAwayException ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
        LOG.log(level, "cannot {0} {1}: {2}", what, run, e.getMessage());
    }

    @Override
    public void close() {
        images.close();
        watch.close();
    }
}
