package dev.selvage.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes what was opened, last first; one that fails does not keep the others open. */
final class Closing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private boolean closed;

    /** @throws IllegalStateException when all was closed meanwhile: then the part is closed at once */
    <T extends AutoCloseable> T keep(T part) {
        synchronized (opened) {
            if (!closed) {
                opened.push(part);
                return part;
            }
        }
        close(part);
        throw new IllegalStateException("stopped while it started");
    }

    @Override
    public void close() {
        while (true) {
            AutoCloseable part;
            synchronized (opened) {
                closed = true;
                if (opened.isEmpty()) {
                    return;
                }
                part = opened.pop();
            }
            close(part);
        }
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            LOG.warn("{} did not close: {}", part.getClass().getSimpleName(), e.getMessage(), e);
        }
    }
}
