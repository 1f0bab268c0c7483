package dev.selvage.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

/** The ports of one installation, counted from a base. */
record Ports(int base) {
    static final int DEFAULT_BASE = 16440;

    /** How many ports an installation takes. */
    static final int COUNT = 8;

    Ports {
        if (base < 1024 || base > 65535 - COUNT) {
            throw new CommandFailed("--port-base: found " + base + ", accepted is 1024 to " + (65535 - COUNT));
        }
    }

    /** What counts where neither the command nor the installation says: the environment's, or the default. */
    static Ports usual() {
        String text = System.getenv().getOrDefault("SELVAGE_PORT_BASE", "");
        try {
            return new Ports(text.isEmpty() ? DEFAULT_BASE : Integer.parseInt(text));
        } catch (NumberFormatException e) {
            throw new CommandFailed(
                    "SELVAGE_PORT_BASE: found \"" + text + "\", accepted is 1024 to " + (65535 - COUNT));
        }
    }

    int api() {
        return base;
    }

    int hub() {
        return base + 1;
    }

    int database() {
        return base + 2;
    }

    int node() {
        return base + 3;
    }

    int modbus() {
        return base + 4;
    }

    int plant() {
        return base + 5;
    }

    int page() {
        return base + 6;
    }

    List<Integer> ofCentre() {
        return List.of(api(), hub(), database());
    }

    /** Whether nobody listens there. */
    static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
