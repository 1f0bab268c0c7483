package dev.selvage.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;

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

    /** Makes a module's tables in an empty schema, as they were at a version, which is one of {@link #known}. */
    public static void make(DataSource dataSource, String module, String schema, String version) {
        configured(dataSource, module)
                .defaultSchema(schema)
                .schemas(schema)
                .target(version)
                .load()
                .migrate();
    }

    /** The versions of a module's tables that this program knows, in order. */
    public static List<String> known(DataSource dataSource, String module) {
        return Stream.of(configured(dataSource, module).load().info().all())
                .filter(m -> m.getState() != MigrationState.FUTURE_SUCCESS && m.getVersion() != null)
                .map(m -> m.getVersion().getVersion())
                .toList();
    }

    /**
     * The version that a module's tables are at; "0" where there are none.
     *
     * @throws StoreException when a newer program made them, which knows tables that this one does not
     */
    public static String version(DataSource dataSource, String module) {
        Flyway flyway = configured(dataSource, module).load();
        if (Stream.of(flyway.info().applied()).anyMatch(m -> m.getState() == MigrationState.FUTURE_SUCCESS)) {
            throw new StoreException("the tables of " + module + " are at version " + version(flyway)
                    + ", which this program does not know: a newer one made them");
        }
        return version(flyway);
    }

    private static String version(Flyway flyway) {
        @Nullable MigrationInfo current = flyway.info().current();
        return current == null || current.getVersion() == null
                ? "0"
                : current.getVersion().getVersion();
    }

    private static void migrate(DataSource dataSource, String module) {
        configured(dataSource, module).load().migrate();
    }

    private static FluentConfiguration configured(DataSource dataSource, String module) {
        return Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(dataSource)
                .locations("classpath:db/migration/" + module)
                .table("schema_history_" + module)
                .baselineOnMigrate(true)
                .baselineVersion("0");
    }
}
