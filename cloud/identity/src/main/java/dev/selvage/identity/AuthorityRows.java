package dev.selvage.identity;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;

/** The table of CAs. Whoever changes it holds one lock, so that several servers never create two. */
final class AuthorityRows {
    /** "selvage" in ASCII: any number that no other lock of this database uses. */
    private static final long LOCK = 0x73656c76616765L;

    private final DataSource database;
    private final Clock clock;
    private final long settleMillis;

    AuthorityRows(DataSource database, Clock clock, long settleMillis) {
        this.database = database;
        this.clock = clock;
        this.settleMillis = settleMillis;
    }

    /** Reads them; empty before the first start of a centre. */
    Optional<Authorities> load() {
        return call(this::load);
    }

    /** Reads them, or creates the first one. */
    Authorities loadOrCreate() {
        return locked(connection -> {
            Optional<Authorities> present = load(connection);
            if (present.isPresent()) {
                return present.get();
            }
            create(connection);
            return load(connection).orElseThrow();
        });
    }

    /** Runs with the lock, in one transaction. */
    <T> T locked(Body<T> body) {
        return call(connection -> {
            connection.setAutoCommit(false);
            try {
                try (Statement lock = connection.createStatement()) {
                    lock.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
                }
                T result = body.run(connection);
                connection.commit();
                return result;
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        });
    }

    Optional<Authorities> load(Connection connection) throws SQLException, GeneralSecurityException {
        List<Authority> all = new ArrayList<>();
        Map<Integer, Issuer> issuers = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, certificate, private_key, created_at, retired_at, created_at <= now() - ? * interval '1 ms'"
                        + " OR id = (SELECT min(id) FROM certificate_authority) FROM certificate_authority ORDER BY id")) {
            statement.setLong(1, settleMillis);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Authority authority = authority(row);
                    all.add(authority);
                    if (!authority.retired()) {
                        issuers.put(authority.id(), issuer(authority, row.getBytes(3)));
                    }
                }
            }
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(new Authorities(all, issuers));
    }

    private static Authority authority(ResultSet row) throws SQLException, GeneralSecurityException {
        return new Authority(
                row.getInt(1),
                Keys.certificate(row.getBytes(2)),
                row.getTimestamp(4).toInstant(),
                row.getBoolean(6),
                Optional.ofNullable(row.getTimestamp(5)).map(Timestamp::toInstant));
    }

    private Issuer issuer(Authority authority, byte[] key) throws GeneralSecurityException {
        X509Certificate certificate = authority.certificate();
        var subject = new JcaX509CertificateHolder(certificate).getSubject();
        return new Issuer(subject, certificate.getPublicKey(), Keys.privateKey(key), clock);
    }

    /** Adds a CA with a new key. */
    void create(Connection connection) throws SQLException, GeneralSecurityException {
        KeyPair keys = Keys.generate();
        String id = HexFormat.of().formatHex(Keys.sha256(keys.getPublic().getEncoded()), 0, 4);
        var issuer = new Issuer(Issuer.name("selvage", "selvage-ca-" + id), keys.getPublic(), keys.getPrivate(), clock);
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO certificate_authority (id, certificate, private_key)"
                        + " SELECT coalesce(max(id), 0) + 1, ?, ? FROM certificate_authority")) {
            insert.setBytes(1, issuer.self().getEncoded());
            insert.setBytes(2, keys.getPrivate().getEncoded());
            insert.executeUpdate();
        }
    }

    /** Takes trust and key from every CA before this one. */
    static void retireBefore(Connection connection, int id) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE certificate_authority SET retired_at = now(), private_key = '' WHERE id < ? AND retired_at IS NULL")) {
            update.setInt(1, id);
            update.executeUpdate();
        }
    }

    private <T> T call(Body<T> body) {
        try (Connection connection = database.getConnection()) {
            return body.run(connection);
        } catch (SQLException | GeneralSecurityException e) {
            throw new IdentityException("the CA cannot be read from the database: " + e.getMessage(), e);
        }
    }

    interface Body<T> {
        T run(Connection connection) throws SQLException, GeneralSecurityException;
    }
}
