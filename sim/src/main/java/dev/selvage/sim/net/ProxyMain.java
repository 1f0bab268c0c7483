package dev.selvage.sim.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** {@code fault-proxy LISTEN-PORT HOST:PORT [bytes|tls]}: obeys one command a line ({@link ProxyCommands#ACCEPTED}) until its input ends. */
public final class ProxyMain {
    private static final String USAGE = "fault-proxy: accepted LISTEN-PORT HOST:PORT [bytes|tls]";

    private ProxyMain() {}

    public static void main(String[] args) throws IOException {
        try (var proxy = start(args);
                var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            var commands = new ProxyCommands(proxy);
            System.out.println("fault proxy ready on 127.0.0.1:" + proxy.port());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                try {
                    commands.obey(line);
                    System.out.println("ok, " + proxy.pending() + " faults pending");
                } catch (IllegalArgumentException e) {
                    System.out.println(e.getMessage());
                }
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    private static FaultProxy start(String[] args) throws IOException {
        int colon = args.length < 2 ? -1 : args[1].lastIndexOf(':');
        if (colon < 1 || args.length > 3) {
            throw new IllegalArgumentException(USAGE);
        }
        try {
            var target =
                    new InetSocketAddress(args[1].substring(0, colon), Integer.parseInt(args[1].substring(colon + 1)));
            var framing = args.length < 3 ? Framing.TLS : Framing.valueOf(args[2].toUpperCase(Locale.ROOT));
            return FaultProxy.start(Integer.parseInt(args[0]), target, framing);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(USAGE + "; found " + String.join(" ", args), e);
        }
    }
}
