package dev.selvage.identity;

import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The table of node identities. */
final class IdentityRows {
    private final DataSource database;

    IdentityRows(DataSource database) {
        this.database = database;
    }

    /**
     * A node's row.
     *
     * @param heldBy the machine that got this generation, in words
     * @param changedAt when it did, by the database's clock; {@code age} ago
     */
    @SuppressWarnings("ArrayRecordComponent") // a hash, compared by matches
    record Row(
            String uid,
            byte[] keyHash,
            long generation,
            boolean active,
            int trustedCa,
            String heldBy,
            Instant changedAt,
            Duration age) {
        boolean matches(byte[] otherHash) {
            return MessageDigest.isEqual(keyHash, otherHash);
        }
    }

    Optional<Row> find(String node) {
        return call("""
                SELECT uid, key_hash, generation, state, trusted_ca, held_by, changed_at,
                       (extract(epoch FROM clock_timestamp() - changed_at) * 1000)::bigint
                  FROM node_identity WHERE node = ?
                """, statement -> {
            statement.setString(1, node);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(row(row)) : Optional.empty();
            }
        });
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                row.getString(1),
                row.getBytes(2),
                row.getLong(3),
                "active".equals(row.getString(4)),
                row.getInt(5),
                row.getString(6),
                row.getTimestamp(7).toInstant(),
                Duration.ofMillis(Math.max(0, row.getLong(8))));
    }

    /** Takes the name for a Node object that nobody has taken yet; the generation is 1. */
    boolean claim(String node, String uid, byte[] keyHash, Machine machine) {
        return call("""
                INSERT INTO node_identity (node, uid, key_hash, generation, state, held_by) VALUES (?, ?, ?, 1, 'active', ?)
                ON CONFLICT (node) DO UPDATE
                   SET uid = excluded.uid, key_hash = excluded.key_hash, generation = 1, state = 'active', trusted_ca = 1,
                       held_by = excluded.held_by, changed_at = now()
                 WHERE node_identity.uid <> excluded.uid
                """, statement -> {
            statement.setString(1, node);
            statement.setString(2, uid);
            statement.setBytes(3, keyHash);
            statement.setString(4, machine.toString());
            return statement.executeUpdate() == 1;
        });
    }

    /** Compare and swap: false when the row is not at that generation and key any more. */
    boolean renew(String node, long generation, byte[] oldHash, byte[] newHash, Machine machine) {
        return call("""
                UPDATE node_identity SET key_hash = ?, generation = generation + 1, held_by = ?, changed_at = now()
                 WHERE node = ? AND generation = ? AND key_hash = ? AND state = 'active'
                """, statement -> {
            statement.setBytes(1, newHash);
            statement.setString(2, machine.toString());
            statement.setString(3, node);
            statement.setLong(4, generation);
            statement.setBytes(5, oldHash);
            return statement.executeUpdate() == 1;
        });
    }

    /** As {@link #renew}, where the row is of an earlier time than the node: false when it is not any more what was found. */
    boolean overtake(String node, Row found, long generation, byte[] newHash, Machine machine) {
        return call("""
                UPDATE node_identity SET key_hash = ?, generation = ?, held_by = ?, changed_at = now()
                 WHERE node = ? AND uid = ? AND generation = ? AND key_hash = ? AND state = 'active'
                """, statement -> {
            statement.setBytes(1, newHash);
            statement.setLong(2, generation);
            statement.setString(3, machine.toString());
            statement.setString(4, node);
            statement.setString(5, found.uid());
            statement.setLong(6, found.generation());
            statement.setBytes(7, found.keyHash());
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

    /** The node of this key says that this is the newest CA that it trusts. */
    void trusts(String node, byte[] keyHash, int authority) {
        call(
                "UPDATE node_identity SET trusted_ca = ? WHERE node = ? AND key_hash = ? AND trusted_ca <> ?",
                statement -> {
                    statement.setInt(1, authority);
                    statement.setString(2, node);
                    statement.setBytes(3, keyHash);
                    statement.setInt(4, authority);
                    return statement.executeUpdate();
                });
    }

    int active() {
        return call("SELECT count(*) FROM node_identity WHERE state = 'active'", statement -> {
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        });
    }

    /** Nodes that trust no CA as new as this one, the first of them by name. */
    List<BehindNode> trustingLess(int authority, int most) {
        return call("""
                SELECT node, changed_at, held_by FROM node_identity
                 WHERE state = 'active' AND trusted_ca < ? ORDER BY node LIMIT ?
                """, statement -> {
            statement.setInt(1, authority);
            statement.setInt(2, most);
            List<BehindNode> behind = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    behind.add(
                            new BehindNode(row.getString(1), row.getTimestamp(2).toInstant(), row.getString(3)));
                }
            }
            return behind;
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
