package dev.selvage.telemetry;

import dev.selvage.store.StoreConfig;
import dev.selvage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A database of its own, of which telemetry can be opened any number of times. */
record TelemetryDatabase(StoreConfig config) {
    static TelemetryDatabase create() {
        return new TelemetryDatabase(TestDatabase.create());
    }

    Telemetry open(TelemetryConfig settings) {
        return Telemetry.open(config.jdbcUrl(), config.user(), config.password(), settings);
    }

    Telemetry open() {
        return open(TelemetryConfig.DEFAULT);
    }

    Connection connect() throws SQLException {
        return TestDatabase.connect(config);
    }

    long number(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
