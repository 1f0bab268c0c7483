package dev.selvage.session;

import java.net.InetSocketAddress;
import java.net.URI;

/** Where a hub listens: {@code host:port}, IPv6 in brackets. */
public record HubAddress(String host, int port) {
    public HubAddress {
        if (host.isBlank() || port < 1 || port > 65535) {
            throw new IllegalArgumentException("hub address: found \"" + host + ":" + port
                    + "\", accepted is HOST:PORT with a port from 1 to 65535");
        }
    }

    /** @throws IllegalArgumentException naming what was found and what is accepted */
    public static HubAddress parse(String text) {
        try {
            URI uri = URI.create("link://" + text.strip());
            if (uri.getHost() != null && uri.getPort() > 0 && uri.getRawPath().isEmpty() && uri.getUserInfo() == null) {
                String host = uri.getHost();
                return new HubAddress(
                        host.startsWith("[") ? host.substring(1, host.length() - 1) : host, uri.getPort());
            }
        } catch (IllegalArgumentException malformed) {
            // Falls through to the one message that says what is accepted.
        }
        throw new IllegalArgumentException(
                "hub address: found \"" + text + "\", accepted is HOST:PORT with a port from 1 to 65535");
    }

    /** Resolved anew for each connection: a hub may move. */
    InetSocketAddress resolve() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
