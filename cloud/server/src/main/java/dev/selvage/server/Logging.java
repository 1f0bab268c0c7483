package dev.selvage.server;

import java.util.logging.Level;
import java.util.logging.Logger;

/** One line an entry, on standard error; libraries speak up from warnings on. */
final class Logging {
    private static final Logger ROOT = Logger.getLogger("");
    private static final Logger OWN = Logger.getLogger("dev.selvage");
    private static final Logger AUDIT = Logger.getLogger("audit");

    private Logging() {}

    static void configure() {
        System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tL %4$-7s %3$s: %5$s%6$s%n");
        ROOT.setLevel(Level.WARNING);
        OWN.setLevel(Level.INFO);
        AUDIT.setLevel(Level.INFO);
    }
}
