package dev.selvage.session;

import com.google.protobuf.ByteString;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.Refused;
import dev.selvage.link.RenewBegin;
import dev.selvage.link.RenewProof;
import dev.selvage.link.RenewSignature;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.Optional;

/**
 * Gets a new certificate for a new key, by proof of the old one; works with an expired certificate too (design "Link", Identity). An answer that was lost leaves the
 * centre with the new key and the node with the old certificate: then the new key, still on the disk, proves itself and is certified at once.
 */
final class Renewal {
    private final SessionConfig config;
    private final IdentityFile file;

    Renewal(SessionConfig config, IdentityFile file) {
        this.config = config;
        this.file = file;
    }

    /**
     * @throws RefusedException when the centre does not know the key: the disk is a copy of another's, or the node was revoked; when another machine is linked with it;
     *     or when an administrator has to decide
     */
    NodeIdentity renew(HubAddress hub, CentreTrust trust, NodeIdentity identity) throws IOException {
        KeyPair current = new KeyPair(identity.certificate().getPublicKey(), identity.key());
        Optional<KeyPair> pending = file.pendingKeys();
        if (pending.isEmpty()) {
            return exchange(hub, trust, identity, current, file.nextKeys(), identity.generation(), true);
        }
        KeyPair heard = pending.get();
        try {
            return exchange(hub, trust, identity, current, heard, identity.generation(), false);
        } catch (RefusedException e) {
            if (e.code() != Refused.Code.KEY_STALE) {
                throw e;
            }
        }
        try {
            return exchange(hub, trust, identity, heard, heard, identity.generation() + 1, false);
        } catch (RefusedException e) {
            if (e.code() != Refused.Code.KEY_STALE) {
                throw e;
            }
        }
        // No answer was lost: another machine has renewed, and the centre shall know which key this one has.
        return exchange(hub, trust, identity, current, heard, identity.generation(), true);
    }

    private NodeIdentity exchange(
            HubAddress hub,
            CentreTrust trust,
            NodeIdentity identity,
            KeyPair proof,
            KeyPair next,
            long generation,
            boolean certified)
            throws IOException {
        String node = identity.node();
        try (var connection = HubConnection.open(hub, trust, null, config.connectTimeout())) {
            connection.send(NodeMessage.newBuilder()
                    .setRenewBegin(RenewBegin.newBuilder()
                            .setProtocol(LinkProtocol.VERSION)
                            .setNode(node))
                    .build());
            byte[] nonce = expect(connection, HubMessage.MessageCase.CHALLENGE)
                    .getChallenge()
                    .getNonce()
                    .toByteArray();
            byte[] request = Enrollment.request(node, next);
            var signed = RenewProof.newBuilder()
                    .setCertificateRequest(ByteString.copyFrom(request))
                    .setGeneration(generation)
                    .setPublicKey(ByteString.copyFrom(proof.getPublic().getEncoded()))
                    .setSignature(ByteString.copyFrom(RenewSignature.sign(proof.getPrivate(), node, nonce, request)))
                    .setMachine(config.machine().message());
            if (certified) {
                signed.setCertificate(ByteString.copyFrom(identity.certificate().getEncoded()));
            }
            connection.send(NodeMessage.newBuilder().setRenewProof(signed).build());
            var issued = expect(connection, HubMessage.MessageCase.CREDENTIALS).getCredentials();
            return Enrollment.accept(file, node, next.getPrivate(), issued);
        } catch (GeneralSecurityException e) {
            throw new LinkException("cannot prove the old key: " + e.getMessage(), e);
        }
    }

    private static HubMessage expect(HubConnection connection, HubMessage.MessageCase expected) throws IOException {
        HubMessage message = connection.receive();
        if (message.getMessageCase() != expected) {
            throw new LinkException("expected " + expected + ", found " + message.getMessageCase());
        }
        return message;
    }
}
