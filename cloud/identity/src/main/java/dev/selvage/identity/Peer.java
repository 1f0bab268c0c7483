package dev.selvage.identity;

import java.util.HexFormat;

/** Who is at the other end of a TLS connection to the hub. */
public sealed interface Peer {
    /** No certificate: may enrol or renew, nothing else. */
    record Anonymous() implements Peer {}

    /**
     * A node by a valid certificate of this centre's CA; whether it still is one, {@link NodeRegistry#check} says.
     *
     * @param keyHash SHA-256 of its public key
     * @param authority id of the CA that issued the certificate
     */
    @SuppressWarnings("ArrayRecordComponent") // a hash, compared in constant time where it matters
    record Node(String name, byte[] keyHash, int authority) implements Peer {
        @Override
        public String toString() {
            return "node " + name + " (key " + HexFormat.of().formatHex(keyHash, 0, 4) + ")";
        }
    }

    /** A certificate that is not accepted. */
    record Refused(Denial reason, String message) implements Peer {}
}
