package dev.selvage.server;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a centre and runs until it is told to stop. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        Logging.configure();
        if (arguments.length > 0 && BackupCommand.NAMES.contains(arguments[0])) {
            System.exit(BackupCommand.run(System.out, System.err, arguments));
        }
        Closing parts = new Closing();
        AtomicBoolean stopping = new AtomicBoolean();
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        // before the start: a centre that is stopped while it starts must not leave its database running
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            stopping.set(true);
                            stop(parts, started, stopped);
                        },
                        "stop"));
        try {
            start(ServerOptions.parse(arguments), parts);
        } catch (RuntimeException | Error e) { // a class that is missing, say: who waits for the start must learn of it
            LOG.error("the centre cannot start: {}", e.getMessage(), e);
            started.countDown();
            if (!stopping.get()) {
                System.exit(1);
            }
        } finally {
            started.countDown();
        }
        stopped.await();
    }

    private static void start(ServerOptions options, Closing parts) {
        long start = System.nanoTime();
        Centre.start(options, parts);
        LOG.info(
                "the centre answers on {}:{} after {} ms",
                options.listen(),
                options.apiPort(),
                (System.nanoTime() - start) / 1_000_000);
    }

    private static void stop(Closing parts, CountDownLatch started, CountDownLatch stopped) {
        parts.close();
        try {
            boolean _ = started.await(8, TimeUnit.SECONDS); // what the start had in hand is closed there
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stopped.countDown();
    }
}
