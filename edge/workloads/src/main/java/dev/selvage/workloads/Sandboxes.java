package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.files.DurableFile;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import dev.selvage.model.Meta;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Launches sandboxes and commands in them, and keeps on tmpfs what a later command in the same container needs. */
final class Sandboxes implements AutoCloseable {
    private final Path home;
    private final Path scratch;
    private final Optional<Tools> tools;
    private final Optional<Sandbox> sandbox;

    Sandboxes(Path home, Path scratch, Optional<Tools> tools) {
        this.home = home;
        this.scratch = scratch;
        this.tools = tools;
        this.sandbox = tools.map(t -> new Sandbox(t, scratch));
    }

    String version() throws IOException {
        return tools.isEmpty()
                ? ""
                : Programs.run(List.of(tools.get().bwrap().toString(), "--version"), scratch)
                        .output()
                        .strip();
    }

    Path argumentsFile(RunId run) {
        return scratch.resolve("args-" + fileName(run));
    }

    void launch(RunSpec spec, RunFiles files, Path arguments, List<Path> joins) throws IOException {
        Sandbox box = sandbox.orElseThrow(() -> new IOException("bubblewrap is not installed"));
        RootImage image = image(spec.image());
        OwnFiles.directory(files.directory());
        OwnFiles.privateFile(files.log(), new byte[0]);
        if (tools.get().root()) {
            OwnFiles.owner(files.log(), spec.user().uid(), spec.user().gid());
        }
        OwnFiles.privateFile(arguments, box.arguments(spec, image, accounts(spec.user())));
        OwnFiles.privateFile(execFile(spec.id()), Json.bytes(execFacts(spec)));
        Programs.launch(box.launch(spec, image, files, arguments, joins), files.log());
    }

    ExecOutcome exec(RunId run, RunFiles files, long main, List<Path> joins, List<String> command, Duration timeout)
            throws IOException {
        Started started;
        try {
            started = started(run);
        } catch (IOException e) {
            return new ExecOutcome.NotPossible(String.valueOf(e.getMessage()));
        }
        Map<String, String> environment = started.environment();
        List<String> line =
                sandbox.orElseThrow().exec(started.user(), started.image(), environment, main, joins, command);
        Path output = Files.createTempFile(scratch, "exec", "");
        Programs.Result result =
                Programs.run(line, RunEnvironment.split(environment).carried(), output, timeout);
        return result.exitCode() < 0
                ? new ExecOutcome.TimedOut()
                : new ExecOutcome.Ended(result.exitCode(), result.output());
    }

    /** Starts a command with its streams connected; whoever gets it runs it to its end. */
    Interaction interact(RunId run, long main, List<Path> joins, ExecRequest request, ExecStreams streams)
            throws IOException {
        Started started = started(run);
        Sandbox box = sandbox.orElseThrow();
        Map<String, String> environment = new LinkedHashMap<>(started.environment());
        Optional<Pty> pty =
                request.tty() ? Optional.of(terminal(box.terminals(main), started.user())) : Optional.empty();
        try {
            pty.ifPresent(_ -> environment.putIfAbsent("TERM", "xterm"));
            List<String> line = box.interact(
                    started.user(), started.image(), environment, main, joins, request.command(), pty.map(Pty::other));
            Process process =
                    Programs.start(line, RunEnvironment.split(environment).carried(), pty.isEmpty());
            return new Interaction(process, streams, pty);
        } catch (IOException e) {
            pty.ifPresent(Pty::close);
            throw e;
        }
    }

    private Pty terminal(Path devices, RunSpec.User user) throws IOException {
        Pty pty = Pty.open(devices);
        try {
            if (tools.orElseThrow().root()) {
                OwnFiles.owner(pty.other(), user.uid(), user.gid());
            }
            return pty;
        } catch (IOException e) {
            pty.close();
            throw e;
        }
    }

    /** What a container was started with. */
    private record Started(RootImage image, RunSpec.User user, Map<String, String> environment) {}

    private Started started(RunId run) throws IOException {
        ObjectNode facts;
        try {
            facts = Json.parseObject(Files.readAllBytes(execFile(run)));
        } catch (IOException | JsonException e) {
            throw new IOException("what the container was started with is lost: " + e, e);
        }
        List<Integer> groups = new ArrayList<>();
        facts.path("groups").forEach(g -> groups.add(g.asInt()));
        return new Started(
                image(Json.textAt(facts, "image")),
                new RunSpec.User(facts.path("uid").asInt(), facts.path("gid").asInt(), groups, true),
                new LinkedHashMap<>(Meta.strings(facts.path("environment"))));
    }

    /** Whether the process has become the container's command. */
    boolean commandRuns(long pid) {
        return ProcFs.stat(pid)
                .filter(s -> !sandbox.orElseThrow().underway(ProcFs.commandLine(pid), s.command()))
                .isPresent();
    }

    /** Every run of the pod that left a trace. */
    List<RunId> runs(String podUid) {
        List<RunId> runs = new ArrayList<>();
        Path pod = home.resolve("runs").resolve(podUid);
        for (Path container : entries(pod)) {
            for (Path attempt : entries(container)) {
                String number = attempt.getFileName().toString();
                if (number.matches("\\d{1,9}")) {
                    runs.add(new RunId(podUid, container.getFileName().toString(), Integer.parseInt(number)));
                }
            }
        }
        return runs;
    }

    void forget(RunId run) {
        OwnFiles.deleteQuietly(execFile(run));
        OwnFiles.deleteQuietly(argumentsFile(run));
    }

    @Override
    public void close() {
        OwnFiles.removeIfEmpty(
                scratch, scratch.resolveSibling("pods"), java.util.Objects.requireNonNull(scratch.getParent()));
    }

    private static RootImage image(String name) throws IOException {
        RootImage.Parsed parsed = RootImage.parse(name);
        return parsed.image().orElseThrow(() -> new IOException(parsed.fault()));
    }

    private Path execFile(RunId run) {
        return scratch.resolve("exec-" + fileName(run));
    }

    private static String fileName(RunId run) {
        return run.podUid() + "." + run.container() + "." + run.attempt();
    }

    private static ObjectNode execFacts(RunSpec spec) {
        ObjectNode facts = Json.object()
                .put("image", spec.image())
                .put("uid", spec.user().uid())
                .put("gid", spec.user().gid());
        spec.user().groups().forEach(facts.putArray("groups")::add);
        spec.environment().forEach(facts.putObject("environment")::put);
        return facts;
    }

    /** passwd and group with root, nobody and the container's user: the host's accounts stay unseen. */
    private synchronized Path accounts(RunSpec.User user) throws IOException {
        Path directory = home.resolve("accounts").resolve(user.uid() + "-" + user.gid());
        Files.createDirectories(directory);
        String passwd = "root:x:0:0:root:/:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n";
        String group = "root:x:0:\nnogroup:x:65534:\n";
        if (user.uid() != RunSpec.User.NOBODY) {
            passwd += "app:x:%d:%d:app:/:/usr/sbin/nologin\n".formatted(user.uid(), user.gid());
        }
        if (user.gid() != RunSpec.User.NOBODY) {
            group += "app:x:%d:\n".formatted(user.gid());
        }
        keep(directory.resolve("passwd"), passwd);
        keep(directory.resolve("group"), group);
        return directory;
    }

    /** What the disk has damaged is not shown to one more container. */
    private static void keep(Path file, String text) throws IOException {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), content)) {
            DurableFile.replace(file, content);
        }
    }

    private static List<Path> entries(Path directory) {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, Files::isDirectory)) {
            stream.forEach(entries::add);
        } catch (IOException e) {
            OwnLimitException.check(e.getMessage()); // else nothing is there
        }
        return entries;
    }
}
