package dev.selvage.workloads;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.function.Consumer;

/** Sees a container's end at once: one inotify watch on the directory into which all monitors write exit codes. */
final class ExitWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ExitWatch.class.getName());

    private final WatchService service;
    private final Thread thread;

    ExitWatch(Path directory, Consumer<RunId> listener) throws IOException {
        this.service = directory.getFileSystem().newWatchService();
        directory.register(service, StandardWatchEventKinds.ENTRY_MODIFY);
        this.thread = Thread.ofVirtual().name("exit-watch").start(() -> watch(listener));
    }

    private void watch(Consumer<RunId> listener) {
        try {
            while (true) {
                WatchKey key = service.take();
                for (WatchEvent<?> event : key.pollEvents()) {
                    if (event.context() instanceof Path file) {
                        RunFiles.runOf(file).ifPresent(run -> tell(listener, run));
                    }
                }
                key.reset();
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            // closed: the containers go on, nobody listens
        }
    }

    /** One listener that fails must not leave all later exits unseen. */
    private static void tell(Consumer<RunId> listener, RunId run) {
        try {
            listener.accept(run);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "the exit of " + run + " is seen at the next look only", e);
        }
    }

    @Override
    public void close() {
        try {
            service.close();
        } catch (IOException e) {
            thread.interrupt();
        }
    }
}
