package dev.selvage.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Schema changes, one history per module: {@code classpath:db/migration/MODULE/V1__name.sql}. */
public final class Migrations {
    private static final long LOCK_KEY = 0x73656c76616702L;

    private Migrations() {}

    /**
     * Brings a module's tables up to date. An advisory lock makes several processes that start at once wait for each other.
     *
     * @throws StoreUnavailableException when the database does not answer
     */
    public static void run(DataSource dataSource, String module) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '60s'; SET statement_timeout = '60s'");
            statement.execute("SELECT pg_advisory_lock(" + LOCK_KEY + ")");
            try {
                migrate(dataSource, module);
            } finally {
                statement.execute("SELECT pg_advisory_unlock(" + LOCK_KEY + ")");
                statement.execute("SET lock_timeout = '10s'; SET statement_timeout = '15s'");
            }
        } catch (SQLException e) {
            throw new StoreUnavailableException("migrating " + module + ": " + e.getMessage(), e);
        }
    }

    private static void migrate(DataSource dataSource, String module) {
        Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(dataSource)
                .locations("classpath:db/migration/" + module)
                .table("schema_history_" + module)
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
    }
}
