package dev.selvage.api;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes a connection whose request head does not become whole in time: the first, handshake included, and each later one. The idle timeout alone does not: a byte now
 * and then keeps a connection from being idle. A connection that has closed is let go at once: a client that connects anew all the time would fill the heap otherwise.
 */
final class HeadDeadline implements Connection.Listener {
    private final Scheduler scheduler;
    private final Duration deadline;
    private final Map<Connection, Scheduler.Task> checks = new ConcurrentHashMap<>();

    HeadDeadline(Scheduler scheduler, Duration deadline) {
        this.scheduler = scheduler;
        this.deadline = deadline;
    }

    @Override
    public void onOpened(Connection connection) {
        if (connection instanceof SslConnection secure) {
            later(secure, 0, 0);
        }
    }

    @Override
    public void onClosed(Connection connection) {
        Scheduler.Task check = checks.remove(connection);
        if (check != null) {
            check.cancel();
        }
    }

    /** Connections that wait for their next check. */
    int watched() {
        return checks.size();
    }

    private void later(SslConnection secure, long requests, long bytes) {
        Runnable check = () -> check(secure, requests, bytes);
        checks.put(secure, scheduler.schedule(check, deadline.toMillis(), TimeUnit.MILLISECONDS));
        if (!secure.getEndPoint().isOpen()) { // it closed meanwhile: nobody tells once more
            onClosed(secure);
        }
    }

    /** @param bytes how many had come at the last check, when so many requests had */
    private void check(SslConnection secure, long requests, long bytes) {
        if (!secure.getEndPoint().isOpen()) {
            checks.remove(secure);
            return;
        }
        Connection inner = secure.getSslEndPoint().getConnection();
        long begun = inner == null ? 0 : inner.getMessagesIn();
        long heard = inner == null ? 0 : inner.getBytesIn();
        boolean answered = inner != null && begun == inner.getMessagesOut();
        boolean trickles = answered && begun == requests && heard > bytes;
        if (begun == 0 || trickles) {
            secure.getEndPoint().close();
        } else {
            later(secure, begun, heard);
        }
    }
}
