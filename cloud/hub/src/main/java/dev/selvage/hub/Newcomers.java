package dev.selvage.hub;

import java.util.HashMap;
import java.util.Map;

/** Connections of each peer that are at a certain stage, so that one peer cannot take the room of all. */
final class Newcomers {
    private final int mostOfAll;
    private final Map<String, Integer> byPeer = new HashMap<>();
    private int all;

    Newcomers(int mostOfAll) {
        this.mostOfAll = mostOfAll;
    }

    /** False when there is no room, or the peer has its share. */
    synchronized boolean enter(String peer, int share) {
        if (all >= mostOfAll || byPeer.getOrDefault(peer, 0) >= share) {
            return false;
        }
        all++;
        byPeer.merge(peer, 1, Integer::sum);
        return true;
    }

    synchronized void leave(String peer) {
        all--;
        byPeer.computeIfPresent(peer, (p, count) -> count == 1 ? null : count - 1);
    }

    synchronized int size() {
        return all;
    }
}
