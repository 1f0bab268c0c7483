package dev.selvage.api;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;

/**
 * Closes a connection that has not sent a whole request head in time, handshake included. The idle timeout alone does
 * not: a byte now and then keeps a connection from being idle.
 */
final class FirstRequestDeadline implements Connection.Listener {
    private final Duration deadline;

    FirstRequestDeadline(Duration deadline) {
        this.deadline = deadline;
    }

    @Override
    public void onOpened(Connection connection) {
        if (connection instanceof SslConnection secure) {
            CompletableFuture.delayedExecutor(deadline.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> check(secure));
        }
    }

    private static void check(SslConnection secure) {
        Connection inner = secure.getSslEndPoint().getConnection();
        if (secure.getEndPoint().isOpen() && (inner == null || inner.getMessagesIn() == 0)) {
            secure.getEndPoint().close();
        }
    }
}
