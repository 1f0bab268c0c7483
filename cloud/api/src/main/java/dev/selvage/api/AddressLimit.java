package dev.selvage.api;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;

/** Closes the connections of one address beyond its share: they need no certificate to be held open, and must not be all that there are. */
final class AddressLimit implements Connection.Listener {
    private final int most;
    private final Map<String, Integer> open = new ConcurrentHashMap<>();
    /** Where each came from: a connection that is closed does not know it any more. */
    private final Map<Connection, String> addresses = new ConcurrentHashMap<>();

    AddressLimit(int most) {
        this.most = most;
    }

    @Override
    public void onOpened(Connection connection) {
        if (connection instanceof SslConnection) {
            String address = address(connection);
            addresses.put(connection, address);
            if (open.merge(address, 1, Integer::sum) > most) {
                connection.getEndPoint().close();
            }
        }
    }

    @Override
    public void onClosed(Connection connection) {
        Optional.ofNullable(addresses.remove(connection))
                .ifPresent(address -> open.computeIfPresent(address, (_, count) -> count > 1 ? count - 1 : null));
    }

    private static String address(Connection connection) {
        return connection.getEndPoint().getRemoteSocketAddress() instanceof InetSocketAddress internet
                        && internet.getAddress() != null
                ? internet.getAddress().getHostAddress()
                : "unknown";
    }
}
