package dev.selvage.identity;

import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/** The table of node identities. */
final class IdentityRows {
    private final DataSource database;

    IdentityRows(DataSource database) {
        this.database = database;
    }

    /** A node's row. */
    @SuppressWarnings("ArrayRecordComponent") // a hash, compared by matches
    record Row(String uid, byte[] keyHash, long generation, boolean active) {
        boolean matches(byte[] otherHash) {
            return MessageDigest.isEqual(keyHash, otherHash);
        }
    }

    Optional<Row> find(String node) {
        return call("SELECT uid, key_hash, generation, state FROM node_identity WHERE node = ?", statement -> {
            statement.setString(1, node);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new Row(
                                row.getString(1), row.getBytes(2), row.getLong(3), "active".equals(row.getString(4))))
                        : Optional.empty();
            }
        });
    }

    /** Takes the name for a Node object that nobody has taken yet; the generation is 1. */
    boolean claim(String node, String uid, byte[] keyHash) {
        return call("""
                INSERT INTO node_identity (node, uid, key_hash, generation, state) VALUES (?, ?, ?, 1, 'active')
                ON CONFLICT (node) DO UPDATE
                   SET uid = excluded.uid, key_hash = excluded.key_hash, generation = 1, state = 'active', changed_at = now()
                 WHERE node_identity.uid <> excluded.uid
                """, statement -> {
            statement.setString(1, node);
            statement.setString(2, uid);
            statement.setBytes(3, keyHash);
            return statement.executeUpdate() == 1;
        });
    }

    /** Compare and swap: false when the row is not at that generation and key any more. */
    boolean renew(String node, long generation, byte[] oldHash, byte[] newHash) {
        return call("""
                UPDATE node_identity SET key_hash = ?, generation = generation + 1, changed_at = now()
                 WHERE node = ? AND generation = ? AND key_hash = ? AND state = 'active'
                """, statement -> {
            statement.setBytes(1, newHash);
            statement.setString(2, node);
            statement.setLong(3, generation);
            statement.setBytes(4, oldHash);
            return statement.executeUpdate() == 1;
        });
    }

    void revoke(String node, String uid) {
        call("UPDATE node_identity SET state = 'revoked', changed_at = now() WHERE node = ? AND uid = ?", statement -> {
            statement.setString(1, node);
            statement.setString(2, uid);
            return statement.executeUpdate();
        });
    }

    private <T> T call(String sql, Body<T> body) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            return body.run(statement);
        } catch (SQLException e) {
            throw new IdentityException("the identities cannot be read or written: " + e.getMessage(), e);
        }
    }

    private interface Body<T> {
        T run(PreparedStatement statement) throws SQLException;
    }
}
