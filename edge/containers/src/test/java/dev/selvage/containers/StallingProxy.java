package dev.selvage.containers;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a registry that stops in the middle: each connection gets so many bytes of answers, then none, and is left open. */
final class StallingProxy implements Closeable {
    private final ServerSocket server;
    private final InetSocketAddress registry;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile long allowance;

    /** @param registry HOST:PORT */
    StallingProxy(String registry, long allowance) throws IOException {
        int colon = registry.indexOf(':');
        this.registry =
                new InetSocketAddress(registry.substring(0, colon), Integer.parseInt(registry.substring(colon + 1)));
        this.allowance = allowance;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("stalling-proxy").start(this::accept);
    }

    String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** From now on it hinders nobody. */
    void mend() {
        allowance = Long.MAX_VALUE;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Socket to = new Socket();
                open.add(client);
                open.add(to);
                to.connect(registry);
                copy(client, to, Long.MAX_VALUE);
                copy(to, client, allowance);
            } catch (IOException e) {
                // closed, or the registry has gone: the next one will tell
            }
        }
    }

    private void copy(Socket from, Socket to, long most) {
        Thread.ofVirtual().start(() -> {
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] buffer = new byte[8 << 10];
                long left = most;
                int count = in.read(buffer);
                while (count >= 0) {
                    int now = (int) Math.min(count, left);
                    out.write(buffer, 0, now);
                    left -= now;
                    if (left == 0) {
                        return; // says nothing more, and does not close
                    }
                    count = in.read(buffer);
                }
                to.shutdownOutput();
            } catch (IOException e) {
                close(from);
                close(to);
            }
        });
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        open.forEach(StallingProxy::close);
    }
}
