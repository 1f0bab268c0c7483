package dev.selvage.sim.net;

import java.io.IOException;
import java.net.Socket;

/** One proxied connection: the client's socket and the one to the server, with a pump for each direction. */
final class Conversation {
    private final Socket client;
    private final Socket server;
    private final Pump up;
    private final Pump down;
    private volatile boolean dark;
    private volatile boolean closed;

    Conversation(Socket client, Socket server, FaultProxy proxy) {
        this.client = client;
        this.server = server;
        this.up = new Pump(Direction.UP, client, server, this, proxy);
        this.down = new Pump(Direction.DOWN, server, client, this, proxy);
    }

    /** Serves to the end of both directions, or for ever if it is half-open. */
    void run() throws InterruptedException {
        up.start();
        down.start();
        up.join();
        down.join();
        if (!dark) {
            close();
        }
    }

    boolean dark() {
        return dark;
    }

    void goDark() {
        dark = true;
    }

    int messages(Direction direction) {
        return (direction == Direction.UP ? up : down).messages();
    }

    void reset() {
        closed = true;
        reset(client);
        reset(server);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException alreadyClosed) {
            return;
        }
        close(socket);
    }

    void close() {
        closed = true;
        close(client);
        close(server);
    }

    boolean closed() {
        return closed;
    }

    static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing is left to be done for it.
        }
    }
}
