package dev.selvage.hub;

import dev.selvage.identity.Machine;
import dev.selvage.identity.Peer;
import dev.selvage.link.Refused;
import dev.selvage.store.Resources;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Two machines with the identity of one node, as a copied disk makes them. The one that is linked stays, and the other is refused for as long as that is so. Where
 * they cannot be told apart they displace each other; then both must renew, and the generation lets one of them do so. Each case is an Event that names both.
 */
final class Doubles {
    private static final Duration TOLD = Duration.ofSeconds(10);

    private final HubConfig config;
    private final Sessions sessions;
    private final Resources resources;
    private final ConcurrentMap<String, Long> told = new ConcurrentHashMap<>();

    Doubles(HubConfig config, Sessions sessions, Resources resources) {
        this.config = config;
        this.sessions = sessions;
        this.resources = resources;
    }

    /** @throws PeerException when the machine may not begin a session */
    void check(Peer.Node peer, Machine machine) throws PeerException {
        String node = peer.name();
        Optional<String> inUse = inUse(node, peer.keyHash(), machine);
        if (inUse.isPresent()) {
            tell(node, "IdentityInUse", inUse.get());
            throw PeerException.refuse(
                    Refused.Code.IDENTITY_IN_USE, inUse.get(), config.times().idle());
        }
        if (sessions.takeovers().contested(node, peer.keyHash())) {
            String message =
                    "sessions of node \"" + node + "\" displace each other, so more than one machine has its identity: "
                            + sessions.of(node)
                                    .map(session -> session.machine() + " is linked, and ")
                                    .orElse("")
                            + machine + " came last; the first to renew its certificate stays";
            tell(node, "IdentityContested", message);
            throw PeerException.refuse(Refused.Code.CERTIFICATE_EXPIRED, message);
        }
    }

    /** Names both machines if another one than this is linked with this key. */
    Optional<String> inUse(String node, byte[] keyHash, Machine machine) {
        return sessions.of(node)
                .filter(session ->
                        session.machine().differs(machine) && session.trust().holds(keyHash))
                .map(session -> "two machines have the identity of node \"" + node + "\": " + session.machine()
                        + " is linked, and " + machine
                        + " is refused for as long as it is: its disk is a copy, or was restored from a backup");
    }

    /** The node's own machine renewed; its session goes on with the new key. */
    void renewed(String node, Machine machine, byte[] before, byte[] now) {
        sessions.of(node)
                .filter(session -> !session.machine().differs(machine))
                .ifPresent(session -> session.trust().renewed(before, now));
    }

    /** An Event on the Node, at most one in a while for each reason: a machine that is refused comes again and again. */
    void tell(String node, String reason, String message) {
        long now = System.nanoTime();
        boolean[] due = new boolean[1];
        told.compute(node + " " + reason, (_, at) -> {
            due[0] = at == null || now - at > TOLD.toNanos();
            return due[0] ? (Long) now : at;
        });
        if (due[0]) {
            NodeEvents.tell(resources, node, true, reason, message);
        }
    }
}
