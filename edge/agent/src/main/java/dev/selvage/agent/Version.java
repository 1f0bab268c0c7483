package dev.selvage.agent;

/** The agent's version, as the node reports it. */
final class Version {
    static final String AGENT = "0.1.0";

    private Version() {}
}
