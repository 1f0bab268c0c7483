package dev.selvage.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Collects what somebody who helps from afar needs to see, without the installation's secrets. */
@Command(
        name = "support",
        mixinStandardHelpOptions = true,
        description = "Makes a bundle for a support case: state, logs and figures, secrets redacted.")
final class Support implements Callable<Integer> {
    private static final int LOG_TAIL = 1 << 20;

    @Mixin
    private HomeOption homeOption = new HomeOption();

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "the zip file to make (default: selvage-support-TIME.zip)")
    private @Nullable Path file;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws IOException {
        Home home = homeOption.home();
        Home.Settings settings = home.settings();
        Path target = file != null
                ? file
                : Path.of("selvage-support-"
                        + LocalDateTime.now(ZoneId.systemDefault())
                                .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"))
                        + ".zip");
        Centre centre = centre(home, settings);
        KnownSecrets secrets = new KnownSecrets();
        FileSecrets.collect(home, secrets);
        boolean all = centre.secrets(secrets);
        Redactor redactor = new Redactor(secrets);
        try (SupportBundle bundle = new SupportBundle(target, redactor)) {
            if (!all) {
                bundle.missed("values of Secrets, to look for in logs: " + centre.silence()
                        + "; logs are redacted by form and by this machine's own secrets");
            }
            machine(bundle, home, settings);
            logs(bundle, home);
            node(bundle, home, settings);
            centre.collect(bundle, redactor);
            bundle.add("summary.txt", () -> summary(bundle, redactor, secrets));
            out.print(redactor.text(summary(bundle, redactor, secrets)));
        } finally {
            centre.close();
        }
        out.println("\nMade " + target + ", " + Files.size(target) + " bytes. Look through it before you hand it on.");
        return 0;
    }

    private static Centre centre(Home home, Home.Settings settings) {
        return settings.centre() || Files.exists(home.kubeconfig()) ? Centre.of(home) : Centre.none();
    }

    private static void machine(SupportBundle bundle, Home home, Home.Settings settings) {
        Installation installation = new Installation(home, settings);
        List<Daemon> daemons =
                Installation.COMPONENTS.stream().map(installation::daemon).toList();
        bundle.add("versions.txt", Machine::versions);
        bundle.add(
                "settings.json",
                () -> Machine.read(home.directory().resolve("selvage.json").toString()));
        bundle.add("machine.txt", () -> Machine.resources(home.directory()));
        bundle.add("processes.txt", () -> Machine.processes(daemons));
        bundle.add("files.txt", () -> Machine.files(home.directory()));
        for (Daemon daemon : daemons) {
            bundle.add("threads/" + daemon.component() + ".txt", () -> threads(home, daemon));
        }
    }

    private static String threads(Home home, Daemon daemon) throws IOException {
        ProcessHandle process =
                daemon.running().orElseThrow(() -> new CommandFailed("the " + daemon.component() + " does not run"));
        return Machine.threads(process, home.pidFile(daemon.component()).resolveSibling("threads.txt"));
    }

    private static void logs(SupportBundle bundle, Home home) {
        for (String component : Installation.COMPONENTS) {
            Path log = home.log(component);
            bundle.add("logs/" + component + ".log", () -> tail(log));
            Path before = log.resolveSibling(log.getFileName() + ".1");
            if (Files.exists(before)) {
                bundle.add("logs/" + before.getFileName(), () -> tail(before));
            }
        }
    }

    /** The last {@link #LOG_TAIL} bytes, from the beginning of a line: the front of a secret that was cut would not be known. */
    static String tail(Path log) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long skip = Math.max(0, file.length() - LOG_TAIL);
            file.seek(skip);
            byte[] bytes = new byte[(int) Math.min(LOG_TAIL, file.length() - skip)];
            file.readFully(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            return skip == 0 ? text : text.substring(text.indexOf('\n') + 1);
        }
    }

    /** The agent's own door: it answers without the centre. */
    private static void node(SupportBundle bundle, Home home, Home.Settings settings) {
        NodeClient client = new NodeClient(home, settings.ports().node());
        bundle.add("node/agent.properties", () -> Files.readString(home.node().resolve("agent.properties")));
        for (String what : List.of("health", "ready", "status", "metrics")) {
            bundle.add("node/" + what + ".txt", () -> client.text("/" + what));
        }
    }

    private static String summary(SupportBundle bundle, Redactor redactor, KnownSecrets secrets) {
        var text = new StringBuilder("Collected\n");
        bundle.had().forEach(one -> text.append("  ").append(one).append('\n'));
        text.append("\nCould not be had\n");
        bundle.missed().forEach(one -> text.append("  ").append(one).append('\n'));
        if (bundle.missed().isEmpty()) {
            text.append("  nothing is missing\n");
        }
        text.append("\nRedacted (").append(secrets.size()).append(" values were known)\n");
        redactor.counts()
                .forEach((what, count) ->
                        text.append("  ").append(count).append(' ').append(what).append('\n'));
        return text.toString();
    }
}
