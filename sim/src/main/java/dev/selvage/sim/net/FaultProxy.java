package dev.selvage.sim.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy that breaks what goes through it, as a field does. Faults are planned for a message of a connection ({@link #plan(Direction, int, Fault)}), or befall
 * every open connection at once ({@link #now(Fault)}). It serves {@link #MAX_CONNECTIONS} connections at a time; one more is closed.
 */
public final class FaultProxy implements AutoCloseable {
    public static final int MAX_CONNECTIONS = 1_024;

    private final InetSocketAddress target;
    private final Framing framing;
    private final ServerSocket listener;
    private final Plan plan = new Plan();
    private final List<Conversation> conversations = new CopyOnWriteArrayList<>();
    private volatile Line line = Line.PERFECT;
    private volatile boolean dark;
    private final AtomicInteger accepted = new AtomicInteger();

    private FaultProxy(ServerSocket listener, InetSocketAddress target, Framing framing) {
        this.listener = listener;
        this.target = target;
        this.framing = framing;
    }

    /**
     * Listens on loopback until closed.
     *
     * @param port 0 takes a free one, see {@link #port()}
     * @throws IOException when the port cannot be had
     */
    public static FaultProxy start(int port, InetSocketAddress target, Framing framing) throws IOException {
        var listener = new ServerSocket(port, MAX_CONNECTIONS, InetAddress.getLoopbackAddress());
        var proxy = new FaultProxy(listener, target, framing);
        Thread.ofVirtual().name("proxy-accept").start(proxy::accept);
        return proxy;
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** @param message counted from 0, of the first connection from now on that comes so far */
    public void plan(Direction direction, int message, Fault fault) {
        plan.add(direction, message, fault);
    }

    /** Faults that have not befallen yet. */
    public int pending() {
        return plan.pending();
    }

    /** No fault is to come any more; connections that are half-open stay so. */
    public void clear() {
        plan.clear();
        dark = false;
        line = Line.PERFECT;
    }

    /** Befalls the next message in either direction; resets, ends and darkness come at once. */
    public void now(Fault fault) {
        for (Conversation each : conversations) {
            switch (fault) {
                case Fault.Reset() -> each.reset();
                case Fault.Close() -> each.close();
                case Fault.HalfOpen() -> each.goDark();
                case Fault.Stall _, Fault.Corrupt _, Fault.Cut _ -> {
                    for (Direction direction : Direction.values()) {
                        plan(direction, each.messages(direction), fault);
                    }
                }
            }
        }
    }

    /** While dark, connections are accepted and nothing passes, as through a firewall that has lost its table. Open ones go dark for good. */
    public void dark(boolean on) {
        dark = on;
        if (on) {
            now(new Fault.HalfOpen());
        }
    }

    public void line(Line condition) {
        line = condition;
    }

    /** Messages of the latest connection. */
    public int messages(Direction direction) {
        return conversations.isEmpty() ? 0 : conversations.getLast().messages(direction);
    }

    /** Connections that came so far. */
    public int accepted() {
        return accepted.get();
    }

    Line line() {
        return line;
    }

    Plan plan() {
        return plan;
    }

    Framing framing() {
        return framing;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                accepted.incrementAndGet();
                Thread.ofVirtual().name("proxy-connection").start(() -> serve(client));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        }
    }

    private void serve(Socket client) {
        var server = new Socket();
        var conversation = new Conversation(client, server, this);
        try {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            if (conversations.size() >= MAX_CONNECTIONS) {
                throw new IOException("more than " + MAX_CONNECTIONS + " connections");
            }
            conversations.add(conversation); // first: who has the connection at the other end can break it here
            server.connect(target);
            if (dark) {
                conversation.goDark();
            }
            conversation.run();
            if (conversation.closed()) {
                conversations.remove(conversation);
            }
        } catch (IOException e) {
            conversations.remove(conversation);
            Conversation.close(client);
            Conversation.close(server);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        conversations.forEach(Conversation::close);
    }
}
