package dev.selvage.hub;

import com.google.protobuf.ByteString;
import dev.selvage.identity.NodeRegistry;
import dev.selvage.identity.Peer;
import dev.selvage.link.Hello;
import dev.selvage.link.HubMessage;
import dev.selvage.link.TrustBundle;
import dev.selvage.link.TrustStored;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Which CAs a node trusts during its session: it is told when they change, and what it has stored is written down. */
final class SessionTrust {
    private final String node;
    private final NodeRegistry registry;
    private final NodeConnection connection;
    private final AtomicInteger awaited = new AtomicInteger();
    private volatile byte[] keyHash;
    private volatile boolean takesBundles;

    SessionTrust(Peer.Node peer, NodeRegistry registry, NodeConnection connection) {
        this.node = peer.name();
        this.keyHash = peer.keyHash();
        this.registry = registry;
        this.connection = connection;
    }

    /** An agent that does not say whom it trusts got its CAs together with its certificate. */
    void begin(Hello hello) throws IOException, InterruptedException {
        takesBundles = hello.getTrustedCount() > 0;
        if (!takesBundles) {
            if (connection.peer() instanceof Peer.Node peer) {
                registry.trusts(peer);
            }
            return;
        }
        registry.trusts(node, keyHash, bytes(hello.getTrustedList()));
        if (!Set.copyOf(hello.getTrustedList()).equals(fingerprints())) {
            send();
        }
    }

    void send() throws IOException, InterruptedException {
        if (takesBundles) {
            awaited.incrementAndGet();
            connection.send(HubMessage.newBuilder()
                    .setTrustBundle(
                            TrustBundle.newBuilder().addAllCertificates(CertificateDesk.ders(registry.trusted())))
                    .build());
        }
    }

    void stored(TrustStored stored) throws PeerException {
        if (awaited.getAndUpdate(n -> Math.max(0, n - 1)) == 0) {
            throw PeerException.close("TRUST_STORED without a TRUST_BUNDLE");
        }
        registry.trusts(node, keyHash, bytes(stored.getTrustedList()));
    }

    /** The session's node holds this key. */
    boolean holds(byte[] hash) {
        return MessageDigest.isEqual(keyHash, hash);
    }

    /** The session's node renewed its certificate meanwhile. */
    void renewed(byte[] before, byte[] now) {
        if (holds(before)) {
            keyHash = now;
        }
    }

    private Set<ByteString> fingerprints() {
        return registry.trusted().stream()
                .map(certificate -> ByteString.copyFrom(NodeRegistry.sha256(certificate)))
                .collect(Collectors.toSet());
    }

    private static List<byte[]> bytes(List<ByteString> strings) {
        return strings.stream().map(ByteString::toByteArray).toList();
    }
}
