package dev.selvage.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** The agent's command line. */
public final class Main {
    private static final String USAGE = """
            usage: selvage-agent COMMAND --home DIR
              run                runs this node's agent until it is stopped; its pods go on without it
              status [--json]    what the node does; works without the centre
              enroll --hub HOST:PORT --ca-fingerprint SHA256 --token NAME.SECRET [--node-name NAME] [--label KEY=VALUE]...
                                 makes this machine a node
              stop-pods          ends the node's pods while no agent runs; prints how many there were
              image-import --file FILE... [--name IMAGE]
                                 gives image archives to the node's container engine; works without the centre
              image-list         the engine's images, and which of them stay
              image-remove --name IMAGE
            """;

    private Main() {}

    public static void main(String[] words) {
        System.exit(run(List.of(words)));
    }

    static int run(List<String> words) {
        String command = words.isEmpty() ? "help" : words.getFirst();
        List<String> rest = words.isEmpty() ? List.of() : words.subList(1, words.size());
        try {
            return switch (command) {
                case "run" -> agent(Arguments.parse(rest, Set.of("--home"), Set.of()));
                case "status" ->
                    StatusCommand.run(Arguments.parse(rest, Set.of("--home"), Set.of("--json")), System.out);
                case "enroll" -> EnrollCommand.run(Arguments.parse(rest, EnrollCommand.OPTIONS, Set.of()), System.out);
                case "stop-pods" -> StopPodsCommand.run(Arguments.parse(rest, Set.of("--home"), Set.of()), System.out);
                case "image-import" -> ImageCommands.bringIn(rest, System.out, System.err);
                case "image-list" -> ImageCommands.list(Arguments.parse(rest, Set.of("--home"), Set.of()), System.out);
                case "image-remove" ->
                    ImageCommands.remove(Arguments.parse(rest, Set.of("--home", "--name"), Set.of()), System.out);
                case "train" -> Training.run(home(Arguments.parse(rest, Set.of("--home"), Set.of())));
                case "help", "--help", "-h" -> {
                    System.out.print(USAGE);
                    yield 0;
                }
                case "--version" -> {
                    System.out.println(Version.AGENT);
                    yield 0;
                }
                default ->
                    throw new ConfigException(
                            "found \"" + command
                                    + "\", accepted are run, status, enroll, stop-pods, image-import, image-list, image-remove");
            };
        } catch (ConfigException e) {
            System.err.println("selvage-agent: " + e.getMessage());
            return 2;
        } catch (IOException e) {
            System.err.println("selvage-agent: " + reason(e));
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }

    private static String reason(IOException e) {
        return e.getMessage() == null || e instanceof java.nio.file.FileSystemException
                ? e.getClass().getSimpleName() + " " + e.getMessage()
                : e.getMessage();
    }

    static Home home(Arguments arguments) {
        return Home.open(Path.of(arguments.required("--home")));
    }

    private static int agent(Arguments arguments) throws IOException, InterruptedException {
        // Bounds of the JDK's HTTP server: a caller that stalls is dropped.
        System.setProperty("jdk.httpserver.maxConnections", "64");
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.idleInterval", "30");
        long begun = ProcessHandle.current()
                .info()
                .startInstant()
                .map(java.time.Instant::toEpochMilli)
                .orElse(0L);
        Agent agent = Agent.start(home(arguments));
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
            agent.close();
            stopped.countDown();
        }));
        System.getLogger(Main.class.getName())
                .log(
                        System.Logger.Level.INFO,
                        "agent " + Version.AGENT + " of node " + agent.config().nodeName() + " started in "
                                + (System.currentTimeMillis() - begun) + " ms");
        stopped.await();
        return 0;
    }
}
