package dev.selvage.hub;

import com.google.protobuf.ByteString;
import dev.selvage.identity.Answer;
import dev.selvage.identity.Denial;
import dev.selvage.identity.Machine;
import dev.selvage.identity.NodeRegistry;
import dev.selvage.identity.NodeRegistry.Proof;
import dev.selvage.link.Challenge;
import dev.selvage.link.Credentials;
import dev.selvage.link.Enroll;
import dev.selvage.link.HubMessage;
import dev.selvage.link.NodeMessage;
import dev.selvage.link.Refused;
import dev.selvage.link.RenewProof;
import dev.selvage.store.Resources;
import java.io.IOException;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Enrolments and renewals, each on a connection of its own. */
final class CertificateDesk {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateDesk.class);
    private static final int NONCE = 32;
    /** Certificates that are made at a time; others wait their turn. */
    private static final int ISSUING = 16;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final HubConfig config;
    private final NodeRegistry registry;
    private final Resources resources;
    private final Doubles doubles;
    private final Offences offences;
    private final Semaphore issuing = new Semaphore(ISSUING);
    private final Renewals renewals = new Renewals();

    CertificateDesk(HubConfig config, NodeRegistry registry, Resources resources, Doubles doubles, Offences offences) {
        this.config = config;
        this.registry = registry;
        this.resources = resources;
        this.doubles = doubles;
        this.offences = offences;
    }

    void enroll(NodeConnection connection, Enroll enroll) throws IOException, InterruptedException {
        Machine machine = connection.machine(enroll.getMachine());
        answer(
                connection,
                enroll.getNode(),
                issue(() -> registry.enroll(
                        enroll.getToken(),
                        enroll.getNode(),
                        enroll.getCertificateRequest().toByteArray(),
                        enroll.getLabelsMap(),
                        machine)));
    }

    void renew(NodeConnection connection, String node) throws IOException, InterruptedException {
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        connection.send(HubMessage.newBuilder()
                .setChallenge(Challenge.newBuilder().setNonce(ByteString.copyFrom(nonce)))
                .build());
        NodeMessage message = connection.receive(config.times().handshake());
        if (message.getMessageCase() != NodeMessage.MessageCase.RENEW_PROOF) {
            throw PeerException.refuse(
                    Refused.Code.PROTOCOL, "renewal: found " + message.getMessageCase() + ", accepted is RENEW_PROOF");
        }
        RenewProof said = message.getRenewProof();
        Proof proof = new Proof(
                said.getGeneration(),
                said.getPublicKey().toByteArray(),
                said.getCertificate().toByteArray(),
                said.getCertificateRequest().toByteArray(),
                said.getSignature().toByteArray(),
                connection.machine(said.getMachine()));
        if (!renewals.allowed(node)) {
            offences.noted(node, Offence.FLOOD, "it renews its certificate again and again");
            throw PeerException.refuse(
                    Refused.Code.LIMIT, "node \"" + node + "\" has renewed its certificate just now, more than once");
        }
        Answer answer =
                issue(() -> registry.renew(node, nonce, proof, key -> doubles.inUse(node, key, proof.machine())));
        if (answer instanceof Answer.Issued issued) {
            renewals.issued(node);
            doubles.renewed(
                    node,
                    proof.machine(),
                    NodeRegistry.sha256(proof.oldKey()),
                    NodeRegistry.sha256(issued.chain().getFirst().getPublicKey().getEncoded()));
        }
        answer(connection, node, answer);
    }

    /** Issues as many certificates at a time as this machine can sign; the others wait. */
    private Answer issue(Supplier<Answer> issued) throws InterruptedException, PeerException {
        if (!issuing.tryAcquire(config.times().handshake().toMillis(), TimeUnit.MILLISECONDS)) {
            throw PeerException.refuse(Refused.Code.BUSY, "more nodes enrol or renew than this hub serves");
        }
        try {
            return issued.get();
        } finally {
            issuing.release();
        }
    }

    private void answer(NodeConnection connection, String node, Answer answer) throws IOException {
        switch (answer) {
            case Answer.Denied(Denial reason, String message) ->
                throw PeerException.refuse(Reception.code(reason), message);
            case Answer.Copied(boolean inUse, String message) -> {
                doubles.tell(node, inUse ? "IdentityInUse" : "IdentityCopied", message);
                throw inUse
                        ? PeerException.refuse(
                                Refused.Code.IDENTITY_IN_USE,
                                message,
                                config.times().idle())
                        : PeerException.refuse(Refused.Code.KEY_STALE, message);
            }
            case Answer.Held held -> {
                if (held.anew()) {
                    NodeEvents.tell(resources, node, true, "RenewalHeld", held.message());
                }
                throw PeerException.refuse(
                        held.denied() ? Refused.Code.APPROVAL_DENIED : Refused.Code.APPROVAL_PENDING,
                        held.message(),
                        held.retry());
            }
            case Answer.Issued issued -> issue(connection, issued);
        }
    }

    private void issue(NodeConnection connection, Answer.Issued issued) {
        LOG.info("certificate issued to node {} (generation {})", issued.node(), issued.generation());
        if (!issued.approvedBy().isEmpty()) {
            NodeEvents.tell(
                    resources,
                    issued.node(),
                    false,
                    "RenewalApproved",
                    "the node renewed its certificate after it was away for too long, approved by "
                            + issued.approvedBy());
        }
        connection.farewell(HubMessage.newBuilder()
                .setCredentials(Credentials.newBuilder()
                        .addAllCertificates(ders(issued.chain()))
                        .addAllTrusted(ders(issued.trusted()))
                        .setGeneration(issued.generation())
                        .setHubTimeMillis(Instant.now().toEpochMilli()))
                .build());
    }

    static List<ByteString> ders(List<X509Certificate> certificates) {
        List<ByteString> ders = new ArrayList<>();
        try {
            for (X509Certificate certificate : certificates) {
                ders.add(ByteString.copyFrom(certificate.getEncoded()));
            }
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate cannot be encoded", e);
        }
        return ders;
    }
}
