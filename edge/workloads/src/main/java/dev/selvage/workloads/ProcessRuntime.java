package dev.selvage.workloads;

import dev.selvage.files.Damaged;
import dev.selvage.model.Pod;
import dev.selvage.model.ProcessPodRules;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Containers as processes of the host behind bubblewrap (namespaces, read-only root, no privileges) and cgroups.
 *
 * <p>A container is three processes: the monitor (bubblewrap outside; writes child pid and exit code into a file), the
 * container's process 1 (bubblewrap inside; reaps) and the command. None is our child and none shares our session, so
 * nothing that happens to the agent reaches them, and adopted containers are handled exactly like started ones.
 */
public final class ProcessRuntime implements PodRuntime {
    public static final String NAME = "process";

    private static final System.Logger LOG = System.getLogger(ProcessRuntime.class.getName());
    private static final Duration START_LIMIT = Duration.ofSeconds(20);
    private static final int START_ERROR = 128;
    /** Commands of {@code kubectl exec} at a time; each has up to three threads. */
    private static final int INTERACTIONS = 16;

    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final ProcessConfig config;
    private final RuntimeFeatures features;
    private final Optional<Cgroups> cgroups;
    private final Sandboxes sandboxes;
    private final String bootId = ProcFs.bootId();
    private final LogKeeper logs;
    private final ExitWatch watch;
    private final Map<RunId, Observation.Exited> ended = new ConcurrentHashMap<>();
    private final Semaphore interactions = new Semaphore(INTERACTIONS);
    private volatile Consumer<RunId> listener = run -> {};

    private ProcessRuntime(ProcessConfig config, Tools.Found tools, Cgroups.Found cgroups, Path scratch)
            throws IOException {
        this.config = config;
        this.cgroups = cgroups.cgroups();
        this.sandboxes = new Sandboxes(config.home(), scratch, tools.tools());
        this.features = new RuntimeFeatures(
                tools.tools().isPresent() ? Optional.empty() : Optional.of(tools.missing()),
                cgroups.cgroups().isPresent() ? Optional.empty() : Optional.of(cgroups.reason()),
                sandboxes.version());
        this.logs = new LogKeeper(tools.tools().flatMap(Tools::fallocate), scratch, config.logBytes());
        this.watch = new ExitWatch(RunFiles.exits(config.home()), run -> listener.accept(run));
    }

    /** Never fails for want of a tool or a right: {@link #features} tells what is missing. */
    public static ProcessRuntime open(ProcessConfig config) {
        try {
            boolean root = OwnFiles.root();
            OwnFiles.directory(config.home());
            OwnFiles.directory(RunFiles.exits(config.home()));
            String instance = OwnFiles.instance(config.home());
            Cgroups.Found cgroups =
                    Cgroups.find(ProcFs.read(Path.of("/proc/self/mountinfo")).orElse(""), instance, config.podPids());
            Path scratch = OwnFiles.inMemory(instance, config.home()).resolve("process");
            OwnFiles.directory(scratch);
            return new ProcessRuntime(config, Tools.find(root), cgroups, scratch);
        } catch (IOException e) {
            throw new UncheckedIOException("process runtime at " + config.home(), e);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public RunDefaults defaults(String hostname) {
        return new RunDefaults(RunSpec.User.NOBODY, Map.of("PATH", PATH, "HOSTNAME", hostname, "HOME", "/"));
    }

    @Override
    public RuntimeFeatures features() {
        return features;
    }

    @Override
    public void onChange(Consumer<RunId> changed) {
        this.listener = changed;
    }

    @Override
    public Optional<String> refuse(Pod pod) {
        if (features.unavailable().isPresent()) {
            return Optional.of("the process runtime cannot run here: "
                    + features.unavailable().get());
        }
        return ProcessPodRules.check(pod).stream().findFirst().map(Object::toString);
    }

    @Override
    public Optional<Failure> image(ImageRequest request) {
        RootImage.Parsed parsed = RootImage.parse(request.image());
        if (parsed.image().isEmpty()) {
            return Optional.of(new Failure("InvalidImageName", parsed.fault(), false));
        }
        if (parsed.image().get() instanceof RootImage.Directory directory && !Files.isDirectory(directory.path())) {
            return Optional.of(new Failure(
                    "ErrImageNeverPull", "image %s: no such directory on this node".formatted(request.image()), true));
        }
        return Optional.empty();
    }

    @Override
    public Optional<Failure> preparePod(PodSandbox pod) {
        try {
            if (cgroups.isPresent()) {
                cgroups.get().preparePod(pod.uid());
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new Failure("CreatePodSandboxError", "cgroup: " + e, true));
        }
    }

    @Override
    public StartOutcome start(RunSpec spec) {
        RunFiles files = RunFiles.of(config.home(), spec.id());
        Path arguments = sandboxes.argumentsFile(spec.id());
        try {
            if (files.monitor().isEmpty()) {
                clear(files.identity());
                List<Path> joins = cgroups.isPresent()
                        ? cgroups.get().create(spec.id().podUid(), group(spec.id()), spec.limits())
                        : List.of();
                sandboxes.launch(spec, files, arguments, joins);
            }
            logs.watch(spec.id(), files);
            return awaitStart(spec.id(), files);
        } catch (IOException e) {
            return new StartOutcome.Failed(new Failure("CreateContainerError", String.valueOf(e.getMessage()), true));
        } finally {
            OwnFiles.deleteQuietly(arguments);
        }
    }

    /** A power cut leaves the file that names the monitor empty: the launching shell would take the run for one that was started. */
    private static void clear(Path identity) throws IOException {
        if (Files.exists(identity)) {
            Path aside = Damaged.setAside(identity);
            LOG.log(System.Logger.Level.WARNING, "{0} names no process; it is set aside as {1}", identity, aside);
        }
    }

    /** Waits until the command runs, has ended, or could not be executed. */
    private StartOutcome awaitStart(RunId run, RunFiles files) throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            switch (observe(run)) {
                case Observation.Exited exited -> {
                    return switch (exited.reason()) {
                        case "StartError" -> new StartOutcome.BadCommand(exited.message());
                        case "CreateContainerError" ->
                            new StartOutcome.Failed(new Failure(exited.reason(), exited.message(), true));
                        default -> new StartOutcome.Started(exited.startedAt());
                    };
                }
                case Observation.Running running -> {
                    if (running.pid() != 0 && sandboxes.commandRuns(running.pid())) {
                        return new StartOutcome.Started(running.startedAt());
                    }
                }
                case Observation.Unknown unknown -> {
                    // never so: the kernel always answers
                }
                case Observation.Absent absent -> {
                    String complaint = files.logTail(500);
                    if (!complaint.isEmpty()) {
                        return new StartOutcome.Failed(new Failure("CreateContainerError", complaint.strip(), true));
                    }
                }
            }
            RunProcesses.pause(2);
        }
        kill(run);
        return new StartOutcome.Failed(new Failure(
                "CreateContainerError", "the command was not executed within " + START_LIMIT.toSeconds() + " s", true));
    }

    @Override
    public Observation observe(RunId run) {
        Observation.Exited known = ended.get(run);
        if (known != null) {
            return known;
        }
        RunFiles files = RunFiles.of(config.home(), run);
        Optional<RunFiles.Monitor> monitor = files.monitor();
        if (monitor.isEmpty()) {
            return new Observation.Absent();
        }
        Observation seen = observe(run, files, monitor.get());
        if (seen instanceof Observation.Exited exited) {
            ended.put(run, exited);
            logs.forget(run);
        } else {
            logs.watch(run, files);
        }
        return seen;
    }

    private Observation observe(RunId run, RunFiles files, RunFiles.Monitor monitor) {
        if (!monitor.bootId().equals(bootId)) {
            return new Observation.Exited(
                    255,
                    "ContainerStatusUnknown",
                    "the machine was started anew while the container ran",
                    files.startedAt(),
                    ProcFs.bootTime());
        }
        boolean monitored = RunProcesses.alive(monitor.stat());
        RunFiles.Status status = files.read();
        Optional<ProcFs.Stat> first = RunProcesses.first(monitor, status);
        if (status.exitCode().isPresent()) {
            first.ifPresent(RunProcesses::end);
            return exited(run, files, status.exitCode().getAsInt());
        }
        if (first.isPresent() || monitored) {
            return new Observation.Running(
                    first.map(p -> RunProcesses.mainPid(p.pid())).orElse(0L), files.startedAt());
        }
        RunFiles.Status again = files.read(); // the monitor may have written between the two looks
        if (again.exitCode().isPresent()) {
            return exited(run, files, again.exitCode().getAsInt());
        }
        return endedWithoutCode(run, files, again.child() == 0);
    }

    /** The monitor has gone without a word: the sandbox could not be made, or somebody killed the monitor. */
    private Observation.Exited endedWithoutCode(RunId run, RunFiles files, boolean neverBegan) {
        String log = files.logTail(2000).strip();
        if (log.startsWith("bwrap: execvp ")) {
            return startError(files, log.substring("bwrap: execvp ".length()));
        }
        if (outOfMemory(run)) {
            return ended(files, 137, "OOMKilled", "");
        }
        return neverBegan || log.startsWith("bwrap: ")
                ? ended(files, START_ERROR, "CreateContainerError", log)
                : ended(
                        files,
                        137,
                        "ContainerStatusUnknown",
                        "the container's monitor was killed, its exit code is lost");
    }

    private Observation.Exited exited(RunId run, RunFiles files, int code) {
        if (code == 126 || code == 127) {
            String last = files.logTail(2000).strip();
            last = last.substring(last.lastIndexOf('\n') + 1);
            if (last.startsWith("setpriv: failed to execute ")) {
                return startError(files, last.substring("setpriv: failed to execute ".length()));
            }
        }
        if (code != 0 && outOfMemory(run)) {
            return ended(files, code, "OOMKilled", "");
        }
        return ended(files, code, code == 0 ? "Completed" : "Error", "");
    }

    private static Observation.Exited startError(RunFiles files, String message) {
        return ended(files, START_ERROR, "StartError", "failed to execute " + message);
    }

    private static Observation.Exited ended(RunFiles files, int code, String reason, String message) {
        Instant finished = Files.exists(files.status()) ? files.finishedAt() : Instant.now();
        return new Observation.Exited(code, reason, message, files.startedAt(), finished);
    }

    @Override
    public void terminate(RunId run) {
        first(run).ifPresent(p -> {
            long main = RunProcesses.mainPid(p.pid());
            ProcessHandle.of(main != 0 ? main : p.pid()).ifPresent(ProcessHandle::destroy);
        });
    }

    @Override
    public void kill(RunId run) {
        RunFiles files = RunFiles.of(config.home(), run);
        Optional<ProcFs.Stat> first = first(run);
        if (first.isPresent()) {
            RunProcesses.kill(first.get());
        } else {
            files.monitor()
                    .filter(m -> m.bootId().equals(bootId) && RunProcesses.alive(m.stat()))
                    .ifPresent(m -> RunProcesses.kill(m.stat()));
        }
    }

    @Override
    public ExecOutcome exec(RunId run, List<String> command, Duration timeout) {
        Optional<ProcFs.Stat> first = first(run);
        long main = first.map(p -> RunProcesses.mainPid(p.pid())).orElse(0L);
        if (main == 0) {
            return new ExecOutcome.NotPossible("the container does not run");
        }
        List<Path> joins = cgroups.map(c -> c.joins(run.podUid(), group(run))).orElse(List.of());
        try {
            return sandboxes.exec(run, RunFiles.of(config.home(), run), main, joins, command, timeout);
        } catch (IOException e) {
            return new ExecOutcome.NotPossible(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public ExecEnd interact(RunId run, ExecRequest request, ExecStreams streams)
            throws IOException, InterruptedException {
        long main = first(run).map(p -> RunProcesses.mainPid(p.pid())).orElse(0L);
        if (main == 0) {
            return new ExecEnd.NotPossible("the container does not run");
        }
        if (!interactions.tryAcquire()) {
            return new ExecEnd.NotPossible("the node runs its limit of " + INTERACTIONS + " commands already");
        }
        Interaction interaction;
        try {
            List<Path> joins =
                    cgroups.map(c -> c.joins(run.podUid(), group(run))).orElse(List.of());
            interaction = sandboxes.interact(run, main, joins, request, streams);
        } catch (IOException e) {
            interactions.release();
            return new ExecEnd.NotPossible(String.valueOf(e.getMessage()));
        }
        try {
            return interaction.run();
        } finally {
            interaction.whenOver(interactions::release);
        }
    }

    @Override
    public void logs(RunId run, LogRequest request, OutputStream out) throws IOException {
        RunFiles files = RunFiles.of(config.home(), run);
        if (Files.exists(files.log())) {
            new LogReader(
                            files,
                            request,
                            out,
                            () -> !(observe(run) instanceof Observation.Running),
                            config.logBytes() + config.logBytes() / 4)
                    .copy();
        }
    }

    @Override
    public long logBytes(RunId run) {
        try {
            return Math.min(Files.size(RunFiles.of(config.home(), run).log()), config.logBytes());
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void remove(RunId run) {
        kill(run);
        logs.forget(run);
        ended.remove(run);
        cgroups.ifPresent(c -> c.remove(run.podUid(), group(run)));
        RunFiles files = RunFiles.of(config.home(), run);
        OwnFiles.deleteTree(files.directory());
        OwnFiles.deleteQuietly(files.status());
        sandboxes.forget(run);
    }

    @Override
    public List<RunId> runs(String podUid) {
        return sandboxes.runs(podUid);
    }

    @Override
    public void removePod(String podUid) {
        runs(podUid).forEach(this::remove);
        cgroups.ifPresent(c -> c.removePod(podUid));
        OwnFiles.deleteTree(config.home().resolve("runs").resolve(podUid));
    }

    @Override
    public void close() {
        watch.close();
        logs.close();
        sandboxes.close();
        cgroups.ifPresent(Cgroups::removeIfEmpty);
    }

    private Optional<ProcFs.Stat> first(RunId run) {
        RunFiles files = RunFiles.of(config.home(), run);
        return files.monitor().filter(m -> m.bootId().equals(bootId)).flatMap(m -> RunProcesses.first(m, files.read()));
    }

    private boolean outOfMemory(RunId run) {
        return cgroups.map(c -> c.outOfMemory(run.podUid(), group(run))).orElse(false);
    }

    private static String group(RunId run) {
        return run.container() + "." + run.attempt();
    }
}
