package dev.selvage.identity;

import dev.selvage.identity.CertificateRequest.InvalidRequestException;
import dev.selvage.identity.IdentityRows.Row;
import dev.selvage.link.RenewSignature;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    public NodeRegistry(CertificateAuthority authority, DataSource database, Resources resources) {
        this(authority, database, resources, Clock.systemUTC());
    }

    NodeRegistry(CertificateAuthority authority, DataSource database, Resources resources, Clock clock) {
        this.authority = authority;
        this.resources = resources;
        this.rows = new IdentityRows(database);
        this.tokens = new JoinTokens(resources, clock);
    }

    /**
     * Makes a machine a node. Asking again with the same key is answered again: the first answer may have been lost.
     *
     * @param request PKCS#10, DER, for {@code O=system:nodes, CN=system:node:NAME}
     * @param labels what the machine says of itself; the token's labels prevail
     */
    public Answer enroll(String token, String node, byte[] request, Map<String, String> labels) {
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
            return enroll(tokens.admit(token, node), node, key, labels);
        } catch (InvalidRequestException e) {
            return denied(Denial.REQUEST_INVALID, String.valueOf(e.getMessage()));
        } catch (JoinTokens.DeniedException e) {
            return e.denied();
        }
    }

    private Answer enroll(JoinTokens.Admitted token, String node, PublicKey key, Map<String, String> labels)
            throws JoinTokens.DeniedException {
        byte[] keyHash = Keys.sha256(key.getEncoded());
        Optional<Stored> present = node(node);
        Optional<Row> row = rows.find(node);
        if (present.isPresent()
                && row.isPresent()
                && row.get().uid().equals(present.get().uid())) {
            return row.get().active() && row.get().matches(keyHash)
                    ? issue(node, row.get().uid(), key, row.get().generation())
                    : taken(node);
        }
        tokens.use(token, node);
        Stored object = NodeObject.register(resources, node, token.token(), labels);
        return rows.claim(node, object.uid(), keyHash) ? issue(node, object.uid(), key, 1) : taken(node);
    }

    /**
     * A new certificate for a node that proves its old key. The generation is compared and swapped: of two copies of one disk the second to renew is refused.
     *
     * @param nonce what this hub challenged the node with
     * @param oldKey X.509 SubjectPublicKeyInfo, DER
     */
    public Answer renew(String node, byte[] nonce, long generation, byte[] oldKey, byte[] request, byte[] signature) {
        byte[] oldHash = Keys.sha256(oldKey);
        Answer.Denied denial = standing(node, oldHash).orElse(null);
        if (denial != null) {
            return denial;
        }
        try {
            if (!RenewSignature.verify(Keys.publicKey(oldKey), node, nonce, request, signature)) {
                return denied(Denial.KEY_STALE, "the proof of node \"" + node + "\"'s old key does not hold");
            }
            PublicKey key = CertificateRequest.verify(request, node);
            if (!rows.renew(node, generation, oldHash, Keys.sha256(key.getEncoded()))) {
                return denied(
                        Denial.KEY_STALE,
                        "node \"" + node + "\" renewed as generation " + generation
                                + ", which it is not any more: another machine may run on a copy of its disk");
            }
            String uid = rows.find(node).map(Row::uid).orElse("");
            return issue(node, uid, key, generation + 1);
        } catch (GeneralSecurityException e) {
            return denied(Denial.REQUEST_INVALID, "the old key cannot be used: " + e.getMessage());
        } catch (InvalidRequestException e) {
            return denied(Denial.REQUEST_INVALID, String.valueOf(e.getMessage()));
        }
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

    private Answer issue(String node, String uid, PublicKey key, long generation) {
        var certificate = authority.issueNode(node, key);
        return new Answer.Issued(
                node, uid, List.of(certificate, authority.certificate()), List.of(authority.certificate()), generation);
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
