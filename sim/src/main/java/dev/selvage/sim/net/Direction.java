package dev.selvage.sim.net;

/** As the client sees it. */
public enum Direction {
    /** From the client, which dialled, to the server. */
    UP,
    DOWN
}
