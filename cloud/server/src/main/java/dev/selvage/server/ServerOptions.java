package dev.selvage.server;

import dev.selvage.identity.IdentityConfig;
import dev.selvage.link.LinkProtocol;
import dev.selvage.model.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where a centre keeps its state and where it listens.
 *
 * @param home directory of the embedded database
 * @param kubeconfig the administrator's kubeconfig is written there
 * @param database JDBC URL of a PostgreSQL of the user's; empty: the embedded one
 * @param serverNames names and addresses by which nodes and users reach the centre, beside localhost and the host's name
 * @param heartbeat how often a node shows that it lives when it has nothing else to say
 * @param identity lives of certificates, and how long a node may be away
 */
record ServerOptions(
        Path home,
        Path kubeconfig,
        String listen,
        int apiPort,
        int hubPort,
        int databasePort,
        Optional<String> database,
        String databaseUser,
        String databasePassword,
        List<String> serverNames,
        int apiRequestsPerSecond,
        int apiConcurrentRequests,
        int apiWatches,
        Duration heartbeat,
        IdentityConfig identity) {
    private static final Set<String> KNOWN = Set.of(
            "home",
            "kubeconfig",
            "listen",
            "api-port",
            "hub-port",
            "database-port",
            "database-url",
            "database-user",
            "server-name",
            "api-requests-per-second",
            "api-concurrent-requests",
            "api-watches",
            "heartbeat",
            "node-life",
            "server-life",
            "admin-life",
            "max-offline-age");

    private static final Duration LEAST_HEARTBEAT = Duration.ofSeconds(1);
    private static final Duration MOST_HEARTBEAT = LinkProtocol.HEARTBEAT;

    private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::");

    /** Whether it listens on every address of this machine. */
    boolean everywhere() {
        return WILDCARDS.contains(listen);
    }

    /** What the centre's certificate is for, beside localhost and the host's name: the address that it listens on, too. */
    private static List<String> allNames(String listen, List<String> names) {
        return WILDCARDS.contains(listen)
                ? names
                : Stream.concat(Stream.of(listen), names.stream()).distinct().toList();
    }

    /**
     * Reads the command line, and for what is not on it the file {@code centre.properties} in the home directory.
     *
     * @throws IllegalArgumentException naming the option, what was found and what is accepted
     */
    static ServerOptions parse(String... arguments) {
        Map<String, String> given = new HashMap<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < arguments.length; i += 2) {
            String name = arguments[i].startsWith("--") ? arguments[i].substring(2) : "";
            if (!KNOWN.contains(name) || i + 1 == arguments.length) {
                throw new IllegalArgumentException(
                        "option: found " + arguments[i] + ", accepted are --NAME VALUE with NAME of "
                                + KNOWN.stream().sorted().toList());
            }
            if (name.equals("server-name")) {
                names.add(arguments[i + 1]);
            } else {
                given.put(name, arguments[i + 1]);
            }
        }
        Path home = Path.of(given.getOrDefault("home", ".selvage/centre")).toAbsolutePath();
        OptionsFile.read(home.resolve("centre.properties"), KNOWN).forEach((key, value) -> {
            if (key.equals("server-name")) {
                names.addAll(List.of(value.split("\\s*,\\s*")));
            } else {
                given.putIfAbsent(key, value);
            }
        });
        String listen = given.getOrDefault("listen", "127.0.0.1");
        return new ServerOptions(
                home,
                Path.of(given.getOrDefault(
                        "kubeconfig", home.resolve("kubeconfig").toString())),
                listen,
                port(given, "api-port", 16440),
                port(given, "hub-port", 16441),
                port(given, "database-port", 16442),
                Optional.ofNullable(given.get("database-url")),
                given.getOrDefault("database-user", "selvage"),
                Optional.ofNullable(System.getenv("SELVAGE_DATABASE_PASSWORD")).orElse(""),
                List.copyOf(names),
                limit(given, "api-requests-per-second", 400),
                limit(given, "api-concurrent-requests", 200),
                limit(given, "api-watches", 4_000),
                heartbeat(given),
                identity(given, allNames(listen, names)));
    }

    /** A node that shows no life for 40 s counts as lost: with the longest, one sign of life may fail to come. */
    private static Duration heartbeat(Map<String, String> given) {
        Duration asked = time(given, "heartbeat", MOST_HEARTBEAT);
        if (asked.compareTo(LEAST_HEARTBEAT) < 0 || asked.compareTo(MOST_HEARTBEAT) > 0) {
            throw new IllegalArgumentException("heartbeat: found " + given.get("heartbeat") + ", accepted are "
                    + LEAST_HEARTBEAT.toSeconds() + "s to " + MOST_HEARTBEAT.toSeconds() + "s");
        }
        return asked;
    }

    private static IdentityConfig identity(Map<String, String> given, List<String> names) {
        IdentityConfig standard = IdentityConfig.of(names);
        return new IdentityConfig(
                time(given, "node-life", standard.nodeLife()),
                time(given, "server-life", standard.serverLife()),
                time(given, "admin-life", standard.adminLife()),
                names,
                given.getOrDefault("max-offline-age", "off").equals("off")
                        ? Duration.ZERO
                        : time(given, "max-offline-age", Duration.ZERO));
    }

    private static Duration time(Map<String, String> given, String name, Duration otherwise) {
        String text = given.get(name);
        return text == null
                ? otherwise
                : Durations.parse(text)
                        .orElseThrow(() -> new IllegalArgumentException(name + ": found \"" + text + "\", accepted is "
                                + Durations.ACCEPTED + (name.equals("max-offline-age") ? ", or off" : "")));
    }

    private static int limit(Map<String, String> given, String name, int otherwise) {
        String text = given.getOrDefault(name, Integer.toString(otherwise));
        if (!text.matches("[1-9]\\d{0,5}")) {
            throw new IllegalArgumentException("--" + name + ": found " + text + ", accepted are 1 to 999999");
        }
        return Integer.parseInt(text);
    }

    private static int port(Map<String, String> given, String name, int otherwise) {
        String text = given.getOrDefault(name, Integer.toString(otherwise));
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > 65535) {
            throw new IllegalArgumentException("--" + name + ": found " + text + ", accepted are 0 to 65535");
        }
        return Integer.parseInt(text);
    }
}
