package dev.selvage.cli;

import dev.selvage.model.Durations;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** At the centre: prints what a machine needs to become a node. There: the same command with what was printed. */
@Command(
        name = "join",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "At the centre, prints the command that makes another machine a node.",
            "On that machine, the printed command (with --hub, --ca-fingerprint and --token) enrols it and starts its agent."
        })
final class Join implements Callable<Integer> {
    @Mixin
    private HomeOption homeOption = new HomeOption();

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            defaultValue = "1h",
            description = "how long the token is good (default: ${DEFAULT-VALUE})")
    private String ttl = "1h";

    @Option(names = "--site", paramLabel = "SITE", defaultValue = "", description = "site that the node belongs to")
    private String site = "";

    @Option(names = "--hub", paramLabel = "HOST:PORT", description = "address of the centre's hub")
    private @Nullable String hub;

    @Option(names = "--ca-fingerprint", paramLabel = "SHA256", description = "fingerprint of the centre's authority")
    private @Nullable String fingerprint;

    @Option(names = "--token", paramLabel = "TOKEN", description = "the join token; makes this machine a node")
    private @Nullable String token;

    @Option(
            names = "--node-name",
            paramLabel = "NAME",
            description = "name of the node (default: this machine's host name)")
    private @Nullable String nodeName;

    @Option(
            names = "--port-base",
            paramLabel = "N",
            description = "first of the node's ports (default: " + Ports.DEFAULT_BASE + ")")
    private int portBase = Ports.DEFAULT_BASE;

    @Mixin
    private ContainerEngineOption containerEngine = new ContainerEngineOption();

    @Option(
            names = {"-q", "--quiet"},
            description = "at the centre: print the command alone, in one line, for a shell's $(...)")
    private boolean quiet;

    @Override
    public Integer call() {
        return token == null ? invite() : become(token);
    }

    private int invite() {
        Home home = homeOption.home();
        Home.Settings settings = home.settings();
        Duration lifetime = Durations.parse(ttl)
                .filter(d -> d.compareTo(Duration.ofDays(30)) <= 0 && d.isPositive())
                .orElseThrow(() -> new CommandFailed(
                        "--ttl: found \"" + ttl + "\", accepted is " + Durations.ACCEPTED + " of at most 30d"));
        String address = hub != null
                ? hub
                : reachable(settings.listen()) + ":" + settings.ports().hub();
        try (ApiClient api = new ApiClient(home)) {
            JoinCode code = JoinCode.create(api, address, lifetime, site);
            if (quiet) {
                System.out.println("./selvage join --hub " + code.hub() + " --ca-fingerprint " + code.fingerprint()
                        + " --token " + code.token() + (nodeName != null ? " --node-name " + nodeName : ""));
                return 0;
            }
            System.out.println("On the machine that is to become a node, with a checkout of Selvage and a JDK 25:");
            System.out.println();
            System.out.println("  ./selvage join --hub " + code.hub() + " \\");
            System.out.println("    --ca-fingerprint " + code.fingerprint() + " \\");
            System.out.println("    --token " + code.token() + (nodeName != null ? " --node-name " + nodeName : ""));
            System.out.println();
            System.out.println(
                    "The token is good for one node and for " + ttl + "; revoke it with: kubectl delete jointoken "
                            + code.token().substring(0, code.token().indexOf('.')));
        }
        return 0;
    }

    private int become(String given) {
        if (hub == null || fingerprint == null) {
            throw new CommandFailed(
                    "--token needs --hub HOST:PORT and --ca-fingerprint SHA256, as ./selvage join printed them");
        }
        Home home = homeOption.home();
        if (home.exists() && home.settings().centre()) {
            throw new CommandFailed(home.directory() + " holds a centre. Choose another directory with --home DIR");
        }
        if (NodeHome.enrolled(home)) {
            String known = home.exists() ? home.settings().nodeName() : "that enrolled here";
            throw new CommandFailed(home.directory() + " is the node " + known
                    + " already; ./selvage start agent starts it. To enrol it anew: ./selvage uninstall --home "
                    + home.directory() + " first, or choose another directory with --home DIR");
        }
        home.prepare();
        containerEngine.apply(home);
        String name = nodeName != null ? nodeName : hostName().toLowerCase(java.util.Locale.ROOT);
        Home.Settings settings = new Home.Settings(new Ports(portBase), name, false, false, "127.0.0.1");
        Installation installation = new Installation(home, settings);
        installation.requirePorts();
        JoinCode code = new JoinCode(hub, fingerprint, given);
        Progress progress = new Progress(System.out);
        progress.step("enrolment", () -> {
            installation.enrol(code);
            home.save(settings); // from here on it is a node, whether or not its agent starts
            return "node " + name;
        });
        progress.step("agent", installation::startAgent);
        return 0;
    }

    /** By what another machine reaches the centre: the address that it listens on, which its name need not mean; or the name, where it listens on all. */
    private static String reachable(String listen) {
        return listen.equals("0.0.0.0") || listen.equals("::") ? hostName() : listen;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
