package dev.selvage.identity;

import dev.selvage.identity.CertificateRequest.InvalidRequestException;
import dev.selvage.identity.IdentityRows.Row;
import dev.selvage.link.RenewSignature;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Leases;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * Which machines are nodes. A node is who holds the key that its identity row names, for as long as the Node object of the row's uid exists: deleting the Node
 * revokes the identity, and only a new join token makes the machine a node again.
 */
public final class NodeRegistry {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?");
    private static final Duration FRESHEN = Duration.ofSeconds(2);

    private final CertificateAuthority authority;
    private final Resources resources;
    private final IdentityRows rows;
    private final JoinTokens tokens;
    private final PeerCertificates certificates;
    private final OfflineHold offline;

    public NodeRegistry(CertificateAuthority authority, DataSource database, Resources resources, Leases leases) {
        this.authority = authority;
        this.certificates = new PeerCertificates(authority);
        this.offline = new OfflineHold(authority.config().maxOfflineAge(), leases, resources);
        this.resources = resources;
        this.rows = new IdentityRows(database);
        this.tokens = new JoinTokens(resources, Clock.systemUTC());
    }

    /**
     * Makes a machine a node. Asking again with the same key is answered again: the first answer may have been lost.
     *
     * @param request PKCS#10, DER, for {@code O=system:nodes, CN=system:node:NAME}
     * @param labels what the machine says of itself; the token's labels prevail
     */
    public Answer enroll(String token, String node, byte[] request, Map<String, String> labels, Machine machine) {
        if (!NAME.matcher(node).matches()) {
            return denied(
                    Denial.NAME_NOT_ALLOWED,
                    "node name: found \"" + node
                            + "\", accepted are up to 63 lower-case letters, digits, \"-\" and \".\", beginning and ending with a letter or digit");
        }
        Optional<String> label = NodeObject.labelNotAllowed(labels);
        if (label.isPresent()) {
            return denied(Denial.REQUEST_INVALID, label.get());
        }
        try {
            PublicKey key = CertificateRequest.verify(request, node);
            return enroll(tokens.admit(token, node), node, key, labels, machine);
        } catch (InvalidRequestException e) {
            return denied(Denial.REQUEST_INVALID, String.valueOf(e.getMessage()));
        } catch (JoinTokens.DeniedException e) {
            return e.denied();
        }
    }

    private Answer enroll(
            JoinTokens.Admitted token, String node, PublicKey key, Map<String, String> labels, Machine machine)
            throws JoinTokens.DeniedException {
        byte[] keyHash = Keys.sha256(key.getEncoded());
        Optional<Stored> present = node(node);
        Optional<Row> row = rows.find(node);
        if (present.isPresent()
                && row.isPresent()
                && row.get().uid().equals(present.get().uid())) {
            return row.get().active() && row.get().matches(keyHash)
                    ? issue(node, row.get().uid(), key, row.get().generation(), "")
                    : taken(node);
        }
        tokens.use(token, node);
        Stored object = NodeObject.register(resources, node, token.token(), labels);
        return rows.claim(node, object.uid(), keyHash, machine) ? issue(node, object.uid(), key, 1, "") : taken(node);
    }

    /**
     * What a node says to be certified anew.
     *
     * @param generation what it holds its identity to be
     * @param oldKey X.509 SubjectPublicKeyInfo, DER
     * @param oldCertificate DER; empty from agents that do not send it
     * @param request PKCS#10, DER
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    public record Proof(
            long generation, byte[] oldKey, byte[] oldCertificate, byte[] request, byte[] signature, Machine machine) {}

    /**
     * A new certificate for a node that proves its old key. The generation is compared and swapped: of two copies of one disk the second to renew is refused.
     *
     * @param nonce what this hub challenged the node with
     * @param inUse asked with the old key's SHA-256 when it is the node's: names both machines if another one is linked with it
     */
    public Answer renew(String node, byte[] nonce, Proof proof, Function<byte[], Optional<String>> inUse) {
        try {
            PublicKey oldKey = Keys.publicKey(proof.oldKey());
            if (!RenewSignature.verify(oldKey, node, nonce, proof.request(), proof.signature())) {
                return denied(Denial.KEY_STALE, "the proof of node \"" + node + "\"'s old key does not hold");
            }
            Optional<Answer.Denied> denial = standing(node, Keys.sha256(proof.oldKey()));
            if (denial.isPresent()) {
                return denial.get().reason() == Denial.KEY_STALE
                        ? stale(node, oldKey, proof, denial.get())
                        : denial.get();
            }
            Optional<String> other = inUse.apply(Keys.sha256(proof.oldKey()));
            return other.isPresent()
                    ? new Answer.Copied(true, other.get())
                    : renew(node, rows.find(node).orElseThrow(), proof);
        } catch (GeneralSecurityException e) {
            return denied(Denial.REQUEST_INVALID, "the old key cannot be used: " + e.getMessage());
        } catch (InvalidRequestException e) {
            return denied(Denial.REQUEST_INVALID, String.valueOf(e.getMessage()));
        }
    }

    /**
     * A key that is not the row's. Where this centre certified it after the row was written, it is the row that is old: a backup was restored, or a database that lagged
     * took over (decision record 0017). A certificate begins before it is issued by as much as clocks may differ.
     */
    private Answer stale(String node, PublicKey oldKey, Proof proof, Answer.Denied denial)
            throws InvalidRequestException {
        Optional<Instant> certified = certificates.once(node, oldKey, proof.oldCertificate());
        if (certified.isEmpty()) {
            return denial;
        }
        Row row = rows.find(node).orElseThrow();
        boolean rowIsOld = certified.get().isAfter(row.changedAt()) && proof.generation() > row.generation();
        return rowIsOld ? renew(node, row, proof) : copied(node, proof);
    }

    private Answer renew(String node, Row row, Proof proof) throws InvalidRequestException {
        PublicKey key = CertificateRequest.verify(proof.request(), node);
        return switch (offline.judge(node(node).orElseThrow(), row, proof.machine())) {
            case OfflineHold.Heard _ -> swap(node, row, key, proof, "");
            case OfflineHold.Waits(Answer.Held held) -> held;
            case OfflineHold.Approved(RenewalRequest request, String by) -> {
                Answer answer = swap(node, row, key, proof, by);
                if (answer instanceof Answer.Issued) {
                    request.close();
                }
                yield answer;
            }
        };
    }

    private Answer swap(String node, Row row, PublicKey key, Proof proof, String approvedBy) {
        byte[] oldHash = Keys.sha256(proof.oldKey());
        boolean rowIsOld = !row.matches(oldHash);
        byte[] newHash = Keys.sha256(key.getEncoded());
        return (rowIsOld
                        ? rows.overtake(node, row, proof.generation() + 1, newHash, proof.machine())
                        : rows.renew(node, proof.generation(), oldHash, newHash, proof.machine()))
                ? issue(node, row.uid(), key, proof.generation() + 1, approvedBy)
                : denied(
                        Denial.KEY_STALE,
                        "node \"" + node + "\" renewed as generation " + proof.generation()
                                + ", which it is not any more: another machine may run on a copy of its disk");
    }

    private Answer copied(String node, Proof proof) {
        Row row = rows.find(node).orElseThrow();
        return new Answer.Copied(
                false,
                "two machines have the identity of node \"" + node + "\": generation " + row.generation()
                        + " went to " + (row.heldBy().isEmpty() ? "one that did not say which" : row.heldBy()) + " at "
                        + row.changedAt().truncatedTo(ChronoUnit.SECONDS) + "; " + proof.machine()
                        + " came with the key of generation " + proof.generation()
                        + " and is refused: its disk is a copy, or was restored from a backup");
    }

    /**
     * What a node says of the CAs that it trusts.
     *
     * @param fingerprints SHA-256 of each
     */
    public void trusts(String node, byte[] keyHash, List<byte[]> fingerprints) {
        trusts(node, keyHash, authority.known().newestOf(fingerprints));
    }

    /** What a node's certificate says of it, when the node says nothing: it was sent together with its CA. */
    public void trusts(Peer.Node node) {
        trusts(node.name(), node.keyHash(), node.authority());
    }

    private void trusts(String node, byte[] keyHash, int newest) {
        if (newest > 0 && authority.known().all().size() > 1) {
            rows.trusts(node, keyHash, newest);
        }
    }

    public static byte[] sha256(byte[] bytes) {
        return Keys.sha256(bytes);
    }

    public static byte[] sha256(X509Certificate certificate) {
        try {
            return Keys.sha256(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate cannot be encoded", e);
        }
    }

    /** Every CA that nodes shall trust now. */
    public List<X509Certificate> trusted() {
        return authority.trusted();
    }

    /** Whether a node with a valid certificate still is one; empty when it is. */
    public Optional<Answer.Denied> check(Peer.Node node) {
        return standing(node.name(), node.keyHash());
    }

    /** Call when a Node object is deleted; connections of it are the hub's to end. */
    public void revoke(String node, String uid) {
        rows.revoke(node, uid);
    }

    private Optional<Answer.Denied> standing(String node, byte[] keyHash) {
        Optional<Row> row = rows.find(node);
        if (row.isEmpty()) {
            return Optional.of(
                    denied(Denial.REVOKED, "node \"" + node + "\" has no identity at this centre: enrol it"));
        }
        Optional<Stored> object = node(node);
        if (!row.get().active()
                || object.isEmpty()
                || !object.get().uid().equals(row.get().uid())) {
            return Optional.of(denied(
                    Denial.REVOKED,
                    "node \"" + node
                            + "\" was revoked when its Node object was deleted: enrol it with a new join token"));
        }
        return row.get().matches(keyHash)
                ? Optional.empty()
                : Optional.of(denied(
                        Denial.KEY_STALE,
                        "node \"" + node + "\" came with a key that is not its key any more (generation "
                                + row.get().generation() + " has another)"));
    }

    /** The Node object, also when another server created it a moment ago. */
    private Optional<Stored> node(String name) {
        ObjectKey key = ObjectKey.cluster(Kinds.NODE, name);
        Optional<Stored> cached = resources.get(key);
        if (cached.isEmpty() && resources.freshen(FRESHEN)) {
            return resources.get(key);
        }
        return cached;
    }

    private Answer issue(String node, String uid, PublicKey key, long generation, String approvedBy) {
        return new Answer.Issued(
                node, uid, authority.issueNode(node, key), authority.trusted(), generation, approvedBy);
    }

    private static Answer.Denied taken(String node) {
        return denied(
                Denial.NAME_TAKEN,
                "node name \"" + node
                        + "\" belongs to a machine with another key: choose another name, or delete the Node first");
    }

    private static Answer.Denied denied(Denial reason, String message) {
        return new Answer.Denied(reason, message);
    }
}
