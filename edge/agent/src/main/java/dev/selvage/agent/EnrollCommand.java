package dev.selvage.agent;

import dev.selvage.session.Enrollment;
import dev.selvage.session.HubAddress;
import dev.selvage.session.IdentityFile;
import dev.selvage.session.NodeIdentity;
import dev.selvage.session.NodeMachine;
import dev.selvage.session.SessionConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** {@code enroll}: gets this machine an identity, and writes who it is and where its hubs are into the configuration. */
final class EnrollCommand {
    static final Set<String> OPTIONS =
            Set.of("--home", "--hub", "--ca-fingerprint", "--token", "--node-name", "--label");

    private EnrollCommand() {}

    static int run(Arguments arguments, PrintStream out) throws IOException {
        Home home = Main.home(arguments);
        AgentConfig config = AgentConfig.read(home);
        String name = arguments.one("--node-name").orElse(config.nodeName());
        if (!AgentConfig.isName(name)) {
            throw new ConfigException("--node-name: found \"" + name
                    + "\", accepted is a DNS subdomain: lower-case letters, digits, '-' and '.'");
        }
        List<HubAddress> hubs = hubs(arguments);
        Map<String, String> labels = labels(arguments, name);
        try (Home.Lock _ = home.lock()) {
            IdentityFile file = new IdentityFile(home.identity());
            if (file.load().isPresent()) {
                throw new ConfigException("this node has an identity already: "
                        + file.load().get() + ". To enrol anew, delete " + home.identity());
            }
            Files.createDirectories(home.identity());
            NodeIdentity identity = enroll(arguments, hubs, file, name, labels, machine(home, name));
            configure(home, name, hubs);
            out.println("enrolled as " + identity);
        }
        return 0;
    }

    private static NodeIdentity enroll(
            Arguments arguments,
            List<HubAddress> hubs,
            IdentityFile file,
            String name,
            Map<String, String> labels,
            NodeMachine machine)
            throws IOException {
        try {
            return Enrollment.enroll(
                    SessionConfig.of(hubs, Version.AGENT).withMachine(machine),
                    file,
                    arguments.required("--ca-fingerprint"),
                    arguments.required("--token"),
                    name,
                    labels);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()), e);
        }
    }

    private static NodeMachine machine(Home home, String name) {
        return new NodeFacts(SystemFiles.REAL, home.directory(), name, Optional.empty(), 1).machine();
    }

    private static List<HubAddress> hubs(Arguments arguments) {
        if (arguments.all("--hub").isEmpty()) {
            throw new ConfigException("--hub: is required");
        }
        try {
            return arguments.all("--hub").stream()
                    .flatMap(h -> List.of(h.split(",")).stream())
                    .map(HubAddress::parse)
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--hub: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> labels(Arguments arguments, String name) {
        Map<String, String> labels = new TreeMap<>(NodeFacts.labels(name));
        for (String label : arguments.all("--label")) {
            int equals = label.indexOf('=');
            if (equals < 1) {
                throw new ConfigException("--label: found \"" + label + "\", accepted is KEY=VALUE");
            }
            labels.put(label.substring(0, equals), label.substring(equals + 1));
        }
        return labels;
    }

    /** Keeps every other line of the configuration. */
    static void configure(Home home, String name, List<HubAddress> hubs) throws IOException {
        List<String> lines = new ArrayList<>();
        if (Files.exists(home.config())) {
            lines.addAll(Files.readAllLines(home.config()));
        }
        lines.removeIf(line -> line.matches("\\s*(node-name|hubs)\\s*=.*"));
        lines.add("node-name=" + name);
        lines.add("hubs="
                + String.join(",", hubs.stream().map(HubAddress::toString).toList()));
        Path fresh = home.config().resolveSibling("agent.properties.new");
        Files.write(fresh, lines, StandardCharsets.UTF_8);
        Files.move(fresh, home.config(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
