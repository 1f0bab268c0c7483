package dev.selvage.agent;

import dev.selvage.model.ObjectKey;
import dev.selvage.workloads.PodListener;
import dev.selvage.workloads.Pods;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code stop-pods}: ends the processes of this node's pods, which an agent's stop leaves running. The next run starts them again. */
final class StopPodsCommand {
    private static final Duration LIMIT = Duration.ofSeconds(50);
    private static final Duration POLL = Duration.ofMillis(50);

    private StopPodsCommand() {}

    static int run(Arguments arguments, PrintStream out) throws IOException, InterruptedException {
        Home home = Main.home(arguments);
        AgentConfig config = AgentConfig.read(home);
        try (Home.Lock _ = home.lock();
                Pods pods = new Pods(
                        Agent.podsConfig(home, config, "127.0.0.1"),
                        Agent.runtimes(home, config),
                        key -> Optional.empty(),
                        new Silent())) {
            pods.desired(List.of());
            int count = pods.snapshot().size();
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (!pods.snapshot().isEmpty() && System.nanoTime() < deadline) {
                Thread.sleep(POLL);
            }
            int left = pods.snapshot().size();
            if (left > 0) {
                throw new IOException(left + " of " + count + " pods did not end within " + LIMIT.toSeconds() + " s");
            }
            out.println(count);
            return 0;
        }
    }

    /** The centre is not told: the pods belong here still. */
    private static final class Silent implements PodListener {
        @Override
        public void status(ObjectKey key, String uid, com.fasterxml.jackson.databind.node.ObjectNode status) {}

        @Override
        public void gone(ObjectKey key, String uid) {}

        @Override
        public void event(ObjectKey key, String uid, String type, String reason, String message) {}
    }
}
