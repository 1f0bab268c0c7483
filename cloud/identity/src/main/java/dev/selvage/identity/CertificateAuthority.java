package dev.selvage.identity;

import dev.selvage.store.Migrations;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * The centre's CA: created once, under a lock in the database, and the same for every server on it. While it is rotated there are two, and both are trusted.
 *
 * <p>Its key lies in the table {@code certificate_authority}, not encrypted: what protects it is who may read the database, its files and its backups. Whoever can
 * is able to be any node, server or administrator of this centre. Keep backups as carefully as a root password.
 */
public final class CertificateAuthority {
    static final String NODES = "system:nodes";
    static final String NODE_PREFIX = "system:node:";

    /** How long a new CA is trusted before it issues: every server looks each second ({@link AuthorityWatch}). */
    static final Duration SETTLE = Duration.ofSeconds(5);

    private final AuthorityRows rows;
    private final IdentityRows nodes;
    private final IdentityConfig config;
    private volatile Authorities known;

    private CertificateAuthority(AuthorityRows rows, IdentityRows nodes, IdentityConfig config) {
        this.rows = rows;
        this.nodes = nodes;
        this.config = config;
        this.known = rows.loadOrCreate();
    }

    public static CertificateAuthority open(DataSource database, IdentityConfig config) {
        return open(database, config, Clock.systemUTC());
    }

    static CertificateAuthority open(DataSource database, IdentityConfig config, Clock clock) {
        return open(database, config, clock, SETTLE);
    }

    static CertificateAuthority open(DataSource database, IdentityConfig config, Clock clock, Duration settle) {
        Migrations.run(database, "identity");
        return new CertificateAuthority(
                new AuthorityRows(database, clock, settle.toMillis()), new IdentityRows(database), config);
    }

    /** Reads what other servers may have changed. */
    void refresh() {
        rows.load().ifPresent(read -> known = read);
    }

    Authorities known() {
        return known;
    }

    IdentityConfig config() {
        return config;
    }

    /** The one that issued the certificates that the centre shows. */
    public X509Certificate certificate() {
        return known.serving().certificate();
    }

    /** All that is trusted, {@link #certificate()} first: two while the CA is rotated. */
    public List<X509Certificate> trusted() {
        return known.trusted().stream().map(Authority::certificate).toList();
    }

    /** SHA-256 of {@link #certificate()}, 64 hexadecimal digits: what an operator gives to a machine that shall join. */
    public String fingerprint() {
        return known.serving().fingerprint();
    }

    /** Whether the issuer that the certificate names is trusted now; that it did issue it a handshake has verified. */
    public boolean trusts(X509Certificate certificate) {
        return known.issuerOf(certificate).filter(a -> !a.retired()).isPresent();
    }

    /** What an administrator should know. */
    public AuthorityStatus status() {
        refresh();
        Authorities now = known;
        return new AuthorityStatus(
                now.all(),
                now.serving().id(),
                now.issuing().id(),
                nodes.active(),
                nodes.trustingLess(now.newest().id(), AuthorityStatus.MOST));
    }

    /** Creates the next CA, which is trusted beside the present one until that is retired. */
    public Rotation rotate() {
        Rotation outcome = rows.locked(connection -> {
            Authorities now = rows.load(connection).orElseThrow();
            if (now.trusted().size() > 1) {
                return new Rotation.Refused("a rotation to " + now.newest().name() + " is under way since "
                        + now.newest().since() + ": retire " + now.serving().name() + " first");
            }
            rows.create(connection);
            return new Rotation.Done(
                    rows.load(connection).orElseThrow().newest().name(), List.of());
        });
        refresh();
        return outcome;
    }

    /**
     * Ends the trust in every CA but the newest, and destroys their keys.
     *
     * @param lockOut also when nodes do not know the newest yet: they will not accept this centre any more
     */
    public Rotation retire(boolean lockOut) {
        Rotation outcome = rows.locked(connection -> {
            Authorities now = rows.load(connection).orElseThrow();
            if (now.trusted().size() == 1) {
                return new Rotation.Refused("there is nothing to retire: "
                        + now.newest().name() + " is the only CA. A rotation begins by selvage ca rotate");
            }
            if (!now.newest().settled()) {
                return new Rotation.Refused(
                        now.newest().name() + " was created a moment ago: try again in " + SETTLE.toSeconds() + " s");
            }
            List<BehindNode> behind = nodes.trustingLess(now.newest().id(), AuthorityStatus.MOST);
            if (!behind.isEmpty() && !lockOut) {
                return new Rotation.LocksOut(now.newest().name(), behind);
            }
            AuthorityRows.retireBefore(connection, now.newest().id());
            return new Rotation.Done(now.newest().name(), behind);
        });
        refresh();
        return outcome;
    }

    /** For the centre's own servers: API and hub. */
    KeyAndChain issueServer() {
        Authorities now = known;
        return keyAndChain(
                now,
                now.serving(),
                "selvage",
                "selvage-centre",
                config.serverLife(),
                KeyPurposeId.id_kp_serverAuth,
                config.serverNames());
    }

    /** A client certificate with all rights (upstream's group {@code system:masters}). */
    public KeyAndChain issueAdmin() {
        Authorities now = known;
        return keyAndChain(
                now,
                now.issuing(),
                "system:masters",
                "admin",
                config.adminLife(),
                KeyPurposeId.id_kp_clientAuth,
                List.of());
    }

    private static KeyAndChain keyAndChain(
            Authorities now,
            Authority authority,
            String organization,
            String name,
            Duration life,
            KeyPurposeId purpose,
            List<String> names) {
        KeyPair keys = Keys.generate();
        X509Certificate leaf = now.issuer(authority)
                .leaf(
                        Issuer.name(organization, name),
                        keys.getPublic(),
                        life,
                        purpose,
                        purpose.equals(KeyPurposeId.id_kp_serverAuth) ? ServerNames.of(names) : List.of());
        return new KeyAndChain(keys.getPrivate(), List.of(leaf, authority.certificate()));
    }

    /** A node's certificate, and the CA that issued it. */
    List<X509Certificate> issueNode(String node, PublicKey key) {
        Authorities now = known;
        Authority authority = now.issuing();
        X509Certificate leaf = now.issuer(authority)
                .leaf(
                        Issuer.name(NODES, NODE_PREFIX + node),
                        key,
                        config.nodeLife(),
                        KeyPurposeId.id_kp_clientAuth,
                        List.of());
        return List.of(leaf, authority.certificate());
    }
}
