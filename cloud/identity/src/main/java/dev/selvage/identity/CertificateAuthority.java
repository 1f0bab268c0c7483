package dev.selvage.identity;

import dev.selvage.store.Migrations;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;

/**
 * The centre's CA: created once, under a lock in the database, and the same for every server on it.
 *
 * <p>Its key lies in the table {@code certificate_authority}, not encrypted: what protects it is who may read the database, its files and its backups. Whoever can
 * is able to be any node, server or administrator of this centre. Keep backups as carefully as a root password.
 */
public final class CertificateAuthority {
    static final String NODES = "system:nodes";
    static final String NODE_PREFIX = "system:node:";

    /** "selvage" in ASCII: any number that no other lock of this database uses. */
    private static final long LOCK = 0x73656c76616765L;

    private final X509Certificate certificate;
    private final Issuer issuer;
    private final IdentityConfig config;

    private CertificateAuthority(X509Certificate certificate, Issuer issuer, IdentityConfig config) {
        this.certificate = certificate;
        this.issuer = issuer;
        this.config = config;
    }

    public static CertificateAuthority open(DataSource database, IdentityConfig config) {
        return open(database, config, Clock.systemUTC());
    }

    static CertificateAuthority open(DataSource database, IdentityConfig config, Clock clock) {
        Migrations.run(database, "identity");
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                CertificateAuthority authority = loadOrCreate(connection, config, clock);
                connection.commit();
                return authority;
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException | GeneralSecurityException e) {
            throw new IdentityException("the CA cannot be read from the database: " + e.getMessage(), e);
        }
    }

    private static CertificateAuthority loadOrCreate(Connection connection, IdentityConfig config, Clock clock)
            throws SQLException, GeneralSecurityException {
        try (Statement lock = connection.createStatement()) {
            lock.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
        }
        Optional<CertificateAuthority> present = load(connection, config, clock);
        return present.isPresent() ? present.get() : create(connection, config, clock);
    }

    private static Optional<CertificateAuthority> load(Connection connection, IdentityConfig config, Clock clock)
            throws SQLException, GeneralSecurityException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT certificate, private_key FROM certificate_authority")) {
            if (!row.next()) {
                return Optional.empty();
            }
            X509Certificate certificate = Keys.certificate(row.getBytes(1));
            var subject = new JcaX509CertificateHolder(certificate).getSubject();
            var issuer = new Issuer(subject, certificate.getPublicKey(), Keys.privateKey(row.getBytes(2)), clock);
            return Optional.of(new CertificateAuthority(certificate, issuer, config));
        }
    }

    private static CertificateAuthority create(Connection connection, IdentityConfig config, Clock clock)
            throws SQLException, GeneralSecurityException {
        KeyPair keys = Keys.generate();
        String id = HexFormat.of().formatHex(Keys.sha256(keys.getPublic().getEncoded()), 0, 4);
        var issuer = new Issuer(Issuer.name("selvage", "selvage-ca-" + id), keys.getPublic(), keys.getPrivate(), clock);
        X509Certificate certificate = issuer.self();
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO certificate_authority (id, certificate, private_key) VALUES (1, ?, ?)")) {
            insert.setBytes(1, certificate.getEncoded());
            insert.setBytes(2, keys.getPrivate().getEncoded());
            insert.executeUpdate();
        }
        return new CertificateAuthority(certificate, issuer, config);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** SHA-256 of the certificate, 64 hexadecimal digits: what an operator gives to a machine that shall join. */
    public String fingerprint() {
        try {
            return HexFormat.of().formatHex(Keys.sha256(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the CA's certificate cannot be encoded", e);
        }
    }

    /** For the centre's own servers: API and hub. */
    KeyAndChain issueServer() {
        KeyPair keys = Keys.generate();
        X509Certificate leaf = issuer.leaf(
                Issuer.name("selvage", "selvage-centre"),
                keys.getPublic(),
                config.serverLife(),
                KeyPurposeId.id_kp_serverAuth,
                ServerNames.of(config.serverNames()));
        return new KeyAndChain(keys.getPrivate(), List.of(leaf, certificate));
    }

    /** A client certificate with all rights (upstream's group {@code system:masters}). */
    public KeyAndChain issueAdmin() {
        KeyPair keys = Keys.generate();
        X509Certificate leaf = issuer.leaf(
                Issuer.name("system:masters", "admin"),
                keys.getPublic(),
                config.adminLife(),
                KeyPurposeId.id_kp_clientAuth,
                List.of());
        return new KeyAndChain(keys.getPrivate(), List.of(leaf, certificate));
    }

    X509Certificate issueNode(String node, PublicKey key) {
        return issuer.leaf(
                Issuer.name(NODES, NODE_PREFIX + node),
                key,
                config.nodeLife(),
                KeyPurposeId.id_kp_clientAuth,
                List.of());
    }
}
