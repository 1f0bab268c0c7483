package dev.selvage.sim.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A dockerd of one's own: directories, socket and bridge are below one directory or carry its name, so that any number run
 * side by side. Needs root, and Debian's docker.io; what is missing is said, never passed over.
 */
public final class DockerEngine implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(1);

    private final Path home;
    private final String bridge;
    private final int subnet = ThreadLocalRandom.current().nextInt(1 << 14);
    private Process daemon;

    private DockerEngine(Path home) throws IOException, InterruptedException {
        this.home = home;
        this.bridge = "svt" + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x1000000, 0x10000000));
        Files.createDirectories(home);
        Programs.run("ip", "link", "add", bridge, "type", "bridge");
        Programs.run("ip", "addr", "add", gateway() + "/24", "dev", bridge);
        Programs.run("ip", "link", "set", bridge, "up");
        Files.writeString(home.resolve("daemon.json"), "{}");
        this.daemon = launch();
    }

    /** @param home a short path: sockets lie below it */
    public static DockerEngine start(Path home) throws IOException, InterruptedException {
        DockerEngine engine = new DockerEngine(home);
        try {
            engine.await();
            return engine;
        } catch (IOException | InterruptedException | RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    public Path socket() {
        return home.resolve("docker.sock");
    }

    /** The address of this machine in the pods' network. */
    public String gateway() {
        return "10.%d.%d.1".formatted(192 + (subnet >> 8), subnet & 0xff);
    }

    public Path directory() {
        return home;
    }

    public long pid() {
        return daemon.pid();
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Programs.find("dockerd", "docker.io"),
                "--data-root=" + home.resolve("data"),
                "--exec-root=" + home.resolve("exec"),
                "--host=unix://" + socket(),
                "--pidfile=" + home.resolve("pid"),
                "--config-file=" + home.resolve("daemon.json"),
                "--bridge=" + bridge,
                "--iptables=false", // one table for all daemons of the machine
                "--ip6tables=false",
                "--ip-masq=false",
                "--log-level=warn"));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile()))
                .start();
    }

    private void await() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        while (!EngineCall.answers(socket())) {
            if (!daemon.isAlive() || System.nanoTime() > deadline) {
                String log = Files.readString(home.resolve("log"));
                throw new IOException("dockerd does not answer:\n" + log.substring(Math.max(0, log.length() - 4000)));
            }
            Thread.sleep(50); // the poll of a bounded wait
        }
    }

    /** As a crash: nothing is asked of it. Its containers end with its next start, for it has no live-restore. */
    public void kill() throws InterruptedException {
        Optional<ProcessHandle> containerd = containerd();
        daemon.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        containerd.ifPresent(
                child -> { // it dies with its parent, but not at once
                    child.destroyForcibly();
                    child.onExit().orTimeout(10, TimeUnit.SECONDS).join();
                });
    }

    private Optional<ProcessHandle> containerd() {
        Path pid = home.resolve("exec/containerd/containerd.pid");
        try {
            return Files.exists(pid)
                    ? ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Ends it in order, which ends its containers. */
    public void stop() throws InterruptedException {
        daemon.destroy();
        if (!daemon.waitFor(30, TimeUnit.SECONDS)) {
            kill();
        }
    }

    /** After {@link #stop} or {@link #kill}. */
    public void startAgain() throws IOException, InterruptedException {
        Files.deleteIfExists(home.resolve("pid"));
        daemon = launch();
        await();
    }

    /** After {@link #stop} or {@link #kill}: images and containers are gone, and what ran in them, as with a new machine. */
    public void loseEverything() throws IOException, InterruptedException {
        List<ProcessHandle> shims =
                ProcessHandle.allProcesses().filter(this::shim).toList();
        List<ProcessHandle> containers =
                shims.stream().flatMap(ProcessHandle::descendants).toList();
        Stream.of(containers, shims).flatMap(List::stream).forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle shim : shims) {
            shim.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
        Mounts.unmountBelow(home);
        Programs.run(
                "rm",
                "-rf",
                home.resolve("data").toString(),
                home.resolve("exec").toString());
    }

    /** The parent of a container's processes, which outlives a daemon that is killed. */
    private boolean shim(ProcessHandle process) {
        String line = process.info().commandLine().orElse("");
        return line.contains("containerd-shim") && line.contains(home.resolve("exec") + "/");
    }

    /** Hangs until {@link #resume}: its socket still takes connections. */
    public void hang() throws IOException, InterruptedException {
        Programs.run("kill", "-STOP", Long.toString(daemon.pid()));
    }

    public void resume() throws IOException, InterruptedException {
        Programs.run("kill", "-CONT", Long.toString(daemon.pid()));
    }

    /** Makes an image of a root file system in a tar archive. */
    public void importImage(Path tar, String repository, String tag) throws IOException {
        EngineCall.upload(
                socket(),
                "/images/create?fromSrc=-&repo=%s&tag=%s".formatted(repository, tag),
                Files.readAllBytes(tar));
    }

    /**
     * Tags an image that is here and pushes it; no trace of that name stays here.
     *
     * @param auth base64 of the engine's AuthConfig
     */
    public void push(String image, String repository, String tag, String auth) throws IOException {
        call("POST", "/images/%s/tag?repo=%s&tag=%s".formatted(image, repository, tag));
        EngineCall.push(socket(), "/images/%s/push?tag=%s".formatted(repository, tag), auth);
        call("DELETE", "/images/" + repository + ":" + tag);
    }

    /** An archive of images, as {@code docker save} writes it; the file must not exist. */
    public Path save(Path to, String... images) throws IOException {
        EngineCall.download(socket(), "/images/get?names=" + String.join("&names=", images), to);
        return to;
    }

    /** Any other call without a body; returns the answer. */
    public String call(String method, String target) throws IOException {
        return EngineCall.call(socket(), method, target, "");
    }

    public String call(String method, String target, String json) throws IOException {
        return EngineCall.call(socket(), method, target, json);
    }

    @Override
    public void close() throws IOException {
        try {
            end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted; below " + home + " something may be left", e);
        }
    }

    private void end() throws IOException, InterruptedException {
        try {
            if (daemon.isAlive()) {
                resume();
                if (EngineCall.answers(socket())) {
                    removeContainers();
                }
            }
            stop();
        } finally {
            containerd().ifPresent(ProcessHandle::destroy);
            Mounts.unmountBelow(home);
            Programs.tryRun("ip", "link", "del", bridge);
            Programs.tryRun("rm", "-rf", home.toString());
        }
    }

    private void removeContainers() throws IOException {
        for (String id : EngineCall.ids(call("GET", "/containers/json?all=1"))) {
            EngineCall.tryCall(socket(), "DELETE", "/containers/" + id + "?force=1");
        }
    }
}
