package dev.selvage.bench;

import dev.selvage.model.Json;
import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.sim.engine.RootFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Container pods beside the same containers made at the engine itself, in turns on one engine. */
final class ContainersBench implements Bench {
    private static final int PAIRS = 100;
    private static final int MANY = 100;
    private static final int WARM = 5;
    private static final Duration SETTLE = Duration.ofMinutes(4);

    @Override
    public String name() {
        return "containers";
    }

    @Override
    public String description() {
        return "a container pod from its creation to Running beside docker run; the agent with 100 containers";
    }

    @Override
    public Report run(Context context) throws Exception {
        return Context.inTemporary(directory -> {
            try (DockerEngine engine = DockerEngine.start(directory.resolve("d"))) {
                engine.importImage(RootFileSystem.busybox(directory), "busybox", "1");
                try (Installation installation = Installation.up(
                                context,
                                "--no-examples",
                                Installation.ENGINE,
                                engine.socket().toString());
                        Api api = installation.api();
                        BenchPods pods = new BenchPods(api, true)) {
                    Until.within(
                            Duration.ofMinutes(1),
                            "the agent meets the engine",
                            () -> Files.exists(installation.home().resolve("node/containers")));
                    List<Figure> figures = new ArrayList<>(pairs(context, engine, pods));
                    figures.add(many(context, installation, pods));
                    return new Report(figures);
                }
            }
        });
    }

    private static List<Figure> pairs(Context context, DockerEngine engine, BenchPods pods)
            throws IOException, InterruptedException {
        int count = context.quick() ? 5 : PAIRS;
        context.say(count + " pods and " + count + " docker runs, in turns ...");
        Samples run = new Samples();
        Samples pod = new Samples();
        Samples over = new Samples();
        for (int i = 0; i < WARM + count; i++) {
            long alone = dockerRun(engine, i);
            long created = pods.create(i);
            long taken = pods.awaitRunning(i) - created;
            pods.delete(i);
            int number = i;
            Until.within(
                    Duration.ofSeconds(30),
                    "pod " + i + " is gone",
                    () -> pods.processes(number).isEmpty());
            if (i >= WARM) {
                run.add(alone);
                pod.add(taken);
                over.add(Math.max(0, taken - alone));
            }
        }
        String load = "in turns on one engine, one at a time, the one before is gone";
        return List.of(
                run.figure("docker run: create and start answered", 50, load),
                run.figure("docker run: create and start answered", 99, load),
                pod.figure("container pod created to Running, seen by a watch", 50, load),
                pod.figure("container pod created to Running, seen by a watch", 99, load),
                over.figure("pod above the docker run beside it", 50, load),
                over.figure("pod above the docker run beside it", 99, load).atMost(300));
    }

    /** What {@code docker run -d} asks of the engine. */
    private static long dockerRun(DockerEngine engine, int number) throws IOException {
        String name = "/containers/bench-" + number;
        long start = System.nanoTime();
        engine.call(
                "POST",
                "/containers/create?name=bench-" + number,
                "{\"Image\": \"%s\", \"Cmd\": [\"sleep\", \"1000\"]}".formatted(BenchPods.IMAGE));
        engine.call("POST", name + "/start");
        long taken = System.nanoTime() - start;
        String state = Json.parseObject(engine.call("GET", name + "/json"))
                .at("/State/Status")
                .asText();
        if (!state.equals("running")) {
            throw new IOException("bench-" + number + " is " + state);
        }
        engine.call("DELETE", name + "?force=1");
        return taken;
    }

    private static Figure many(Context context, Installation installation, BenchPods pods)
            throws IOException, InterruptedException {
        int count = context.quick() ? 5 : MANY;
        int first = 1000;
        context.say(count + " container pods ...");
        for (int i = 0; i < count; i++) {
            pods.create(first + i);
        }
        for (int i = 0; i < count; i++) {
            pods.awaitRunning(first + i);
        }
        TimeUnit.SECONDS.sleep(context.quick() ? 1 : SETTLE.toSeconds());
        double mib = Processes.pss(installation.pid("agent")) / 1024.0;
        return Figure.of(
                        "PSS of the agent with " + count + " container pods",
                        mib,
                        "MiB",
                        1,
                        "at the end",
                        count + " pods of one container, for " + SETTLE.toSeconds() + " s")
                .atMost(96);
    }
}
