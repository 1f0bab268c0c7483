package dev.selvage.sim.net;

import java.time.Duration;
import java.util.Locale;

/** The words by which a person commands a {@link FaultProxy}. */
final class ProxyCommands {
    static final String ACCEPTED =
            "plan up|down MESSAGE FAULT, now FAULT, dark on|off, line DELAY-MILLIS BYTES-PER-SECOND, clear;"
                    + " FAULT is reset, close, half-open, corrupt, stall MILLIS or cut BYTES";

    private final FaultProxy proxy;

    ProxyCommands(FaultProxy proxy) {
        this.proxy = proxy;
    }

    /** @throws IllegalArgumentException what was found, and what is accepted */
    void obey(String text) {
        String[] words = text.strip().split("\\s+");
        try {
            switch (words[0]) {
                case "plan" ->
                    proxy.plan(
                            Direction.valueOf(words[1].toUpperCase(Locale.ROOT)),
                            Integer.parseInt(words[2]),
                            fault(words, 3));
                case "now" -> proxy.now(fault(words, 1));
                case "dark" -> proxy.dark(words[1].equals("on"));
                case "line" ->
                    proxy.line(new Line(Duration.ofMillis(Long.parseLong(words[1])), Long.parseLong(words[2])));
                case "clear" -> proxy.clear();
                default -> throw refused(text);
            }
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw refused(text);
        }
    }

    private static Fault fault(String[] words, int at) {
        return switch (words[at]) {
            case "reset" -> new Fault.Reset();
            case "close" -> new Fault.Close();
            case "half-open" -> new Fault.HalfOpen();
            case "corrupt" -> new Fault.Corrupt();
            case "stall" -> new Fault.Stall(Duration.ofMillis(Long.parseLong(words[at + 1])));
            case "cut" -> new Fault.Cut(Integer.parseInt(words[at + 1]));
            default -> throw new IllegalArgumentException(words[at]);
        };
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException("command: found \"" + text + "\", accepted " + ACCEPTED);
    }
}
