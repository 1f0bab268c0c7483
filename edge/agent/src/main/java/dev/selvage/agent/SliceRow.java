package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.Held;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An object of the slice as the database gave it, every bit of it right.
 *
 * @param checksum of {@link SliceChecksums#row}
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record SliceRow(ObjectKey key, String uid, long revision, byte[] json, long checksum) {
    static final String COLUMNS = "resource, namespace, name, uid, revision, json, crc";

    /** @throws SQLException as SQLite's own for a damaged database, when the checksum does not hold */
    static SliceRow read(ResultSet row) throws SQLException {
        ObjectKey key = new ObjectKey(text(row, 1), text(row, 2), text(row, 3));
        String uid = text(row, 4);
        long revision = row.getLong(5);
        byte[] json = row.getBytes(6);
        if (json == null || SliceChecksums.row(key, uid, revision, json) != row.getLong(7)) {
            throw SliceDatabase.damage("the checksum of an object does not hold");
        }
        return new SliceRow(key, uid, revision, json, row.getLong(7));
    }

    private static String text(ResultSet row, int column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }

    Held held() {
        return new Held(key, uid, revision);
    }

    /** Empty, and told, when the centre sent something that is no JSON. */
    Optional<ObjectNode> object(Consumer<String> faults) {
        try {
            return Optional.of(Json.parseObject(json));
        } catch (JsonException e) {
            faults.accept("an object of the slice is no JSON: " + e.getMessage());
            return Optional.empty();
        }
    }
}
