package dev.selvage.api;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;

/**
 * Closes a connection whose request head does not become whole in time: the first, handshake included, and each later one. The idle timeout alone does not: a byte now
 * and then keeps a connection from being idle.
 */
final class HeadDeadline implements Connection.Listener {
    private final Duration deadline;

    HeadDeadline(Duration deadline) {
        this.deadline = deadline;
    }

    @Override
    public void onOpened(Connection connection) {
        if (connection instanceof SslConnection secure) {
            later(secure, 0, 0);
        }
    }

    private void later(SslConnection secure, long requests, long bytes) {
        CompletableFuture.delayedExecutor(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> check(secure, requests, bytes));
    }

    /** @param bytes how many had come at the last check, when so many requests had */
    private void check(SslConnection secure, long requests, long bytes) {
        if (!secure.getEndPoint().isOpen()) {
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
