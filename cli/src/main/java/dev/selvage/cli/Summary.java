package dev.selvage.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** The last words of {@code up}: where things are, and what to try next. */
record Summary(Home home, Home.Settings settings) {
    void print(PrintStream out, Duration took) {
        Ports ports = settings.ports();
        String option =
                home.directory().equals(Distribution.root().resolve(".selvage")) ? "" : " --home " + home.directory();
        out.println();
        out.printf(Locale.ROOT, "Selvage is up (%.1f s).%n%n", took.toMillis() / 1000.0);
        row(out, "API", "https://127.0.0.1:" + ports.api());
        row(out, "hub", settings.listen() + ":" + ports.hub() + " (nodes connect here)");
        row(out, "node", settings.nodeName() + ", loopback API http://127.0.0.1:" + ports.node());
        if (settings.examples()) {
            row(out, "cold room", "http://127.0.0.1:" + ports.page());
        }
        row(out, "kubeconfig", home.kubeconfig().toString());
        out.println();
        out.println("Try next:");
        out.println("  export KUBECONFIG=" + home.kubeconfig());
        out.println("  kubectl get sites,nodes,devices,pods -A -o wide");
        if (settings.examples()) {
            out.println("  ./selvage telemetry latest" + option + "      the windows that came up from the node");
            out.println("  ./selvage stop centre" + option
                    + "           pull the cable; the room stays cold: examples/first-light/README.md");
        }
        out.println("  ./selvage status" + option);
    }

    private static void row(PrintStream out, String name, String value) {
        out.printf("  %-11s %s%n", name, value);
    }
}
