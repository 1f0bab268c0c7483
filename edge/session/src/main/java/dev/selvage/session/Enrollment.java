package dev.selvage.session;

import com.google.protobuf.ByteString;
import dev.selvage.link.Credentials;
import dev.selvage.link.Enroll;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.NodeMessage;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes a machine a node: a join token and a certificate request go to a hub whose CA has the fingerprint that the operator gave; a certificate comes back. The key
 * is on the disk before the hub hears of it, so an enrolment whose answer was lost is repeated, not spent.
 */
public final class Enrollment {
    private static final int ATTEMPTS = 3;

    private Enrollment() {}

    /**
     * Enrols and saves the identity. A connection that breaks off before the answer is tried again at once, three times in all.
     *
     * @param caFingerprint SHA-256 of the CA's certificate, hexadecimal
     * @param token {@code name.secret}
     * @param labels of the Node; those of the token prevail
     * @throws RefusedException when a hub refuses: token or name are not accepted
     * @throws LinkException when no hub can be reached
     */
    public static NodeIdentity enroll(
            SessionConfig config,
            IdentityFile file,
            String caFingerprint,
            String token,
            String node,
            Map<String, String> labels)
            throws IOException {
        CentreTrust trust = CentreTrust.pinned(caFingerprint);
        KeyPair keys = file.nextKeys(); // before a hub waits for what is said
        List<String> failures = new ArrayList<>();
        boolean reached = true;
        for (int attempt = 1; attempt <= ATTEMPTS && reached; attempt++) {
            reached = false;
            failures.clear();
            for (HubAddress hub : config.hubs()) {
                try (var connection = HubConnection.open(hub, trust, null, config.connectTimeout())) {
                    reached = true;
                    return enroll(connection, config, file, keys, token, node, labels);
                } catch (RefusedException e) {
                    throw e;
                } catch (IOException e) {
                    failures.add(HubConnection.reason(e));
                }
            }
        }
        throw new LinkException("could not enrol: " + String.join("; ", failures));
    }

    private static NodeIdentity enroll(
            HubConnection connection,
            SessionConfig config,
            IdentityFile file,
            KeyPair keys,
            String token,
            String node,
            Map<String, String> labels)
            throws IOException {
        connection.send(NodeMessage.newBuilder()
                .setEnroll(Enroll.newBuilder()
                        .setProtocol(LinkProtocol.VERSION)
                        .setNode(node)
                        .setToken(token)
                        .setCertificateRequest(ByteString.copyFrom(request(node, keys)))
                        .putAllLabels(labels)
                        .setMachine(config.machine().message()))
                .build());
        HubMessage answer = connection.receive();
        if (answer.getMessageCase() != HubMessage.MessageCase.CREDENTIALS) {
            throw new LinkException("expected credentials, found " + answer.getMessageCase());
        }
        return accept(file, node, keys.getPrivate(), answer.getCredentials());
    }

    static byte[] request(String node, KeyPair keys) throws LinkException {
        try {
            return NodeKeys.request(node, keys);
        } catch (GeneralSecurityException e) {
            throw new LinkException("cannot sign a certificate request: " + e.getMessage(), e);
        }
    }

    /** Checks what the hub issued and makes it the node's identity. */
    static NodeIdentity accept(IdentityFile file, String node, PrivateKey key, Credentials issued) throws IOException {
        try {
            var identity = new NodeIdentity(
                    node,
                    key,
                    certificates(issued.getCertificatesList()),
                    certificates(issued.getTrustedList()),
                    issued.getGeneration());
            Instant told = Instant.ofEpochMilli(issued.getHubTimeMillis());
            if (told.isAfter(identity.certificate().getNotAfter().toInstant())) {
                throw new LinkException("the hub's credentials have ended by its own time, " + told);
            }
            file.save(identity);
            keepTime(file, told);
            return identity;
        } catch (CertificateException | IllegalArgumentException e) {
            throw new LinkException("the hub's credentials cannot be used: " + e.getMessage(), e);
        }
    }

    /** The identity is the node's by now, whatever becomes of the time: who went on with the old key would be refused as stale. */
    private static void keepTime(IdentityFile file, Instant time) {
        try {
            file.saveTrustedTime(time);
        } catch (IOException e) {
            System.getLogger(Enrollment.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot keep the trusted time: " + e.getMessage());
        }
    }

    private static List<X509Certificate> certificates(List<ByteString> ders) throws CertificateException {
        return Pem.certificates(ders.stream().map(ByteString::toByteArray).toList());
    }
}
