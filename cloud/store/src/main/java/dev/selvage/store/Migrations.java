package dev.selvage.store;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Schema changes, one history per module: {@code classpath:db/migration/MODULE/V1__name.sql}. */
public final class Migrations {
    private Migrations() {}

    /** Brings a module's tables up to date; safe when several processes start at once. */
    public static void run(DataSource dataSource, String module) {
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
