package dev.selvage.agent;

import dev.selvage.containers.ContainerRuntime;
import dev.selvage.containers.ContainersConfig;
import dev.selvage.devices.Devices;
import dev.selvage.devices.DevicesConfig;
import dev.selvage.devices.Driver;
import dev.selvage.drivers.modbus.ModbusTcpDriver;
import dev.selvage.lanes.Lanes;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.HubAddress;
import dev.selvage.session.IdentityFile;
import dev.selvage.session.LinkSession;
import dev.selvage.session.SessionConfig;
import dev.selvage.session.SessionListener;
import dev.selvage.streams.Streams;
import dev.selvage.streams.StreamsConfig;
import dev.selvage.workloads.BoundCronJobs;
import dev.selvage.workloads.PodRuntime;
import dev.selvage.workloads.PodSnapshot;
import dev.selvage.workloads.Pods;
import dev.selvage.workloads.PodsConfig;
import dev.selvage.workloads.ProcessConfig;
import dev.selvage.workloads.ProcessRuntime;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A node's agent, wired. Configuration, home, slice and lanes must be there, or it does not start; pods, devices, streams, API and link are parts of their own, each
 * tried again while it cannot be opened. Closing it ends no workload.
 */
final class Agent implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Agent.class.getName());
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration SYNC = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofSeconds(15);
    private static final Duration TRIM = Duration.ofSeconds(30);
    private static final Duration NODE_STATUS = Duration.ofSeconds(10);
    private static final Duration MIN_BACKOFF = Duration.ofMillis(500);
    private static final Duration LOOK_AT_LIMITS = Duration.ofSeconds(2);

    private final Home home;
    private final AgentConfig config;
    private final Supervisor supervisor = new Supervisor();
    private final Statuses statuses = new Statuses();
    private final EventFeed feed = new EventFeed();
    private final Map<String, Double> metrics = new ConcurrentHashMap<>();
    private final Home.Lock lock;
    private final SqliteSlice slice;
    private final Lanes lanes;
    private final Tokens tokens;
    private final NodeFacts facts;
    private final Reconciler reconciler;
    private final NodeReporter reporter;
    private final Supervisor.Part<Streams> streams = new Supervisor.Part<>();
    private final Supervisor.Part<Devices> devices = new Supervisor.Part<>();
    private final Supervisor.Part<Pods> pods = new Supervisor.Part<>();
    private final Supervisor.Part<LoopbackApi> api = new Supervisor.Part<>();
    private final Supervisor.Part<LinkSession> link = new Supervisor.Part<>();
    private volatile LinkState linkState = LinkState.none("not enrolled: this node works alone");

    /**
     * @throws ConfigException when the operator has to do something
     * @throws IOException when the disk cannot be used
     */
    static Agent start(Home home) throws IOException {
        AgentConfig config = AgentConfig.read(home);
        Home.Lock lock = home.lock();
        try {
            return new Agent(home, config, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private Agent(Home home, AgentConfig config, Home.Lock lock) throws IOException {
        this.home = home;
        this.config = config;
        this.lock = lock;
        slice = openSlice();
        lanes = Lanes.open(home.lanes(), config.lanes());
        tokens = Tokens.open(home, this::podUid, supervisor::note);
        facts = new NodeFacts(
                SystemFiles.REAL, home.directory(), config.nodeName(), config.address(), config.maxPods());
        reconciler = new Reconciler(slice, statuses, this::newCronJobs);
        reporter = new NodeReporter(this);
        supervisor.open("streams", streams, this::openStreams, reconciler::streams);
        supervisor.open("devices", devices, this::openDevices, reconciler::devices);
        supervisor.open("loopback-api", api, this::openApi, this::apiOpened);
        supervisor.open("pods", pods, this::openPods, reconciler::pods);
        openLink();
        work();
    }

    private BoundCronJobs newCronJobs(Runnable changed) {
        return new BoundCronJobs(
                home.cronJobs(),
                config.nodeName(),
                this::now,
                this::linked,
                new CronReports(statuses, changed),
                supervisor::note);
    }

    /** As the hubs tell it: the machine's own clock may be wrong by days. */
    private Instant now() {
        return link().map(LinkSession::now).orElseGet(Instant::now);
    }

    private SqliteSlice openSlice() throws IOException {
        try {
            return SqliteSlice.open(home.slice(), supervisor::note);
        } catch (SQLException e) {
            throw new IOException("the slice's database " + home.slice() + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** While the slice is not whole the pods that run say who they are. */
    private Optional<String> podUid(ObjectKey pod) {
        return slice.uid(pod)
                .or(() -> reconciler.cronJobs().uid(pod))
                .or(() -> slice.whole() ? Optional.empty() : runningUid(pod));
    }

    private Optional<String> runningUid(ObjectKey pod) {
        return pods().stream()
                .flatMap(all -> all.snapshot().stream())
                .filter(running -> running.key().equals(pod))
                .map(PodSnapshot::uid)
                .findFirst();
    }

    private Streams openStreams() throws IOException {
        return Streams.open(
                StreamsConfig.in(home.streams()),
                new LaneSink(lanes, config.nodeName(), this::linked, feed::row),
                new PropertyWrites(this::devices, reconciler),
                new StreamReports(statuses, supervisor::note));
    }

    private Devices openDevices() throws IOException {
        List<Driver> drivers = List.of(new ModbusTcpDriver());
        return Devices.open(
                DevicesConfig.in(home.devices()),
                drivers,
                (namespace, stream) -> streams().flatMap(s -> s.inputs(namespace, stream)),
                new DeviceReports(statuses, feed, this::streams, supervisor::note));
    }

    private LoopbackApi openApi() throws IOException {
        return LoopbackApi.open(config.loopbackPort(), tokens, new AgentView(this), feed);
    }

    private void apiOpened(LoopbackApi opened) {
        try {
            writePort(opened.port() + "\n");
        } catch (IOException e) {
            supervisor.note("cannot write " + home.loopbackPort() + ": " + e.getMessage());
        }
        LOG.log(Level.INFO, "loopback API on http://127.0.0.1:" + opened.port());
    }

    /** The same as before is not written again: a full disk would leave an empty file. */
    private void writePort(String port) throws IOException {
        byte[] text = port.getBytes(StandardCharsets.US_ASCII);
        if (!Files.exists(home.loopbackPort()) || !Arrays.equals(Files.readAllBytes(home.loopbackPort()), text)) {
            Files.write(home.loopbackPort(), text);
        }
    }

    private Pods openPods() {
        int port = api.get().map(LoopbackApi::port).orElse(config.loopbackPort());
        PodsConfig pods = podsConfig(home, config, facts.address())
                .withAllocatable(facts.allocatable())
                .withApi(URI.create("http://127.0.0.1:" + port), tokens::ofPod);
        return new Pods(pods, runtimes(home, config), slice::get, new PodReports(statuses, reconciler.cronJobs()));
    }

    static PodsConfig podsConfig(Home home, AgentConfig config, String address) {
        PodsConfig standard = PodsConfig.of(home.pods(), config.nodeName(), address);
        return new PodsConfig(
                standard.home(),
                standard.nodeName(),
                standard.hostIp(),
                config.maxPods(),
                standard.parallelStarts(),
                standard.clock(),
                standard.api(),
                standard.allocatable());
    }

    static List<PodRuntime> runtimes(Home home, AgentConfig config) {
        PodRuntime process =
                ProcessRuntime.open(ProcessConfig.of(home.directory().resolve("process")));
        return containersConfig(home, config)
                .<List<PodRuntime>>map(containers -> List.of(process, ContainerRuntime.open(containers)))
                .orElse(List.of(process));
    }

    /** Empty where this node runs no containers. */
    static Optional<ContainersConfig> containersConfig(Home home, AgentConfig config) {
        return config.engine()
                .map(socket -> ContainersConfig.of(socket, home.directory().resolve("containers"))
                        .withNetwork(config.containerNetwork()));
    }

    private void openLink() {
        if (config.hubs().isEmpty()) {
            LOG.log(Level.INFO, linkState.message());
            return;
        }
        linkState = LinkState.none("connecting");
        supervisor.open("link", link, this::newLink, session -> {
            statuses.attach(session);
            session.start();
        });
    }

    private LinkSession newLink() throws IOException {
        return new LinkSession(
                SessionConfig.of(config.hubs(), Version.AGENT)
                        .withMachine(facts.machine())
                        .withBackoff(MIN_BACKOFF, config.linkMaxBackoff()),
                new IdentityFile(home.identity()),
                new NotifyingSlice(slice, reconciler),
                lanes,
                new PodStreams(this::pods),
                new LinkEvents());
    }

    private void work() {
        reconciler.request();
        supervisor.every("reconcile", Duration.ZERO, reconciler::awaitAndRun);
        supervisor.every("stream-clock", TICK, () -> streams().ifPresent(this::tick));
        supervisor.every("cronjobs", SYNC, reconciler.cronJobs()::look);
        supervisor.every("lane-sync", SYNC, this::syncLanes);
        Duration interval = config.metricsInterval();
        supervisor.every("metrics", interval.compareTo(LOOK) < 0 ? interval : LOOK, reporter::look);
        supervisor.every("samples", interval, reporter::tell);
        supervisor.every("heap", TRIM, new HeapTrim()::look);
        supervisor.every("open-files", LOOK_AT_LIMITS, new OpenFiles(SystemFiles.REAL)::check);
        supervisor.every("disk", LOOK_AT_LIMITS, this::checkDisk);
        supervisor.every("node-status", NODE_STATUS, reporter::reportIfChanged);
        supervisor.every("node-events", NODE_STATUS, reporter::tellNotes);
    }

    /** What is written all the time tells first. */
    private void checkDisk() {
        lanes.diskFailure().ifPresent(why -> {
            throw new IllegalStateException("the disk takes no records (" + why
                    + "): telemetry is dropped and counted, alarms wait; it goes on by itself when the disk does");
        });
    }

    private void syncLanes() {
        lanes.sync();
        lanes.takeDamage()
                .forEach(
                        (lane, records) -> supervisor.note("lane " + lane.name().toLowerCase(Locale.ROOT) + ": "
                                + records + " records were damaged on the disk and are lost; the others go on"));
    }

    private void tick(Streams running) {
        if (devices().map(Devices::observing).orElse(false)) {
            running.resumed();
        }
        running.tick();
    }

    /** Hears what becomes of the link. */
    private final class LinkEvents implements SessionListener {
        @Override
        public void linked(HubAddress hub, long epoch) {
            linkState = new LinkState(true, hub.toString(), Instant.now(), "session " + epoch);
            LOG.log(Level.INFO, "linked to " + hub + ", session " + epoch);
            reconciler.cronJobs().linked();
            statuses.tellAll();
            reporter.report();
            reporter.tellNotes();
        }

        @Override
        public void unlinked(String reason) {
            LinkState before = linkState;
            Instant since = before.linked() ? Instant.now() : before.since();
            linkState = new LinkState(false, before.hub(), since, reason);
        }

        @Override
        public void refused(String code, String message) {
            unlinked(message);
            LOG.log(Level.WARNING, message);
        }

        @Override
        public void notRenewed(String reason) {
            supervisor.note("certificate not renewed: " + reason);
        }

        @Override
        public void reportRefused(ObjectKey object, String reason) {
            LOG.log(Level.INFO, "the centre refused the report of " + object + ": " + reason);
        }
    }

    void reconcile() {
        reconciler.request();
    }

    boolean linked() {
        return linkState.linked();
    }

    LinkState linkState() {
        return linkState;
    }

    AgentConfig config() {
        return config;
    }

    Supervisor supervisor() {
        return supervisor;
    }

    SqliteSlice slice() {
        return slice;
    }

    Lanes lanes() {
        return lanes;
    }

    NodeFacts facts() {
        return facts;
    }

    Home home() {
        return home;
    }

    Map<String, Double> metrics() {
        return metrics;
    }

    Statuses statuses() {
        return statuses;
    }

    Optional<Streams> streams() {
        return streams.get();
    }

    Optional<Devices> devices() {
        return devices.get();
    }

    Optional<Pods> pods() {
        return pods.get();
    }

    Optional<LinkSession> link() {
        return link.get();
    }

    EventFeed feed() {
        return feed;
    }

    /** The port of the loopback API; empty while it is not open. */
    Optional<Integer> port() {
        return api.get().map(LoopbackApi::port);
    }

    static ObjectKey nodeKey(String name) {
        return ObjectKey.cluster(Kinds.NODE, name);
    }

    static void close(Pods pods) {
        pods.close();
        pods.runtimes().forEach(PodRuntime::close);
    }

    /** Stops the agent; pods go on. What is stopped first no longer feeds what is stopped after. */
    @Override
    public void close() {
        api.get().ifPresent(LoopbackApi::close);
        link.get().ifPresent(LinkSession::close);
        supervisor.close();
        devices.get().ifPresent(Devices::close);
        streams.get().ifPresent(Streams::close);
        pods.get().ifPresent(Agent::close);
        lanes.close();
        slice.close();
        lock.close();
    }
}
