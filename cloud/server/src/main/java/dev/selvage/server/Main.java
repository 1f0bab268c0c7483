package dev.selvage.server;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a centre and runs until it is told to stop. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /** Starts and stops once in an empty directory, for the AOT cache of the classes that a start needs. */
    private static void train(Path home) {
        Centre.start(ServerOptions.parse(
                        "--home", home.toString(), "--api-port", "0", "--hub-port", "0", "--database-port", "0"))
                .close();
    }

    public static void main(String[] arguments) throws InterruptedException {
        Logging.configure();
        if (arguments.length == 2 && arguments[0].equals("train")) {
            train(Path.of(arguments[1]));
            return;
        }
        Centre centre;
        try {
            ServerOptions options = ServerOptions.parse(arguments);
            long start = System.nanoTime();
            centre = Centre.start(options);
            LOG.info(
                    "the centre answers on {}:{} after {} ms",
                    options.listen(),
                    options.apiPort(),
                    (System.nanoTime() - start) / 1_000_000);
        } catch (RuntimeException e) {
            LOG.error("the centre cannot start: {}", e.getMessage(), e);
            System.exit(1);
            return;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            centre.close();
                            stopped.countDown();
                        },
                        "stop"));
        stopped.await();
    }
}
