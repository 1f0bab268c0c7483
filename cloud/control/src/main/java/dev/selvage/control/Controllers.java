package dev.selvage.control;

import dev.selvage.control.frame.Leader;
import dev.selvage.store.Leases;
import dev.selvage.store.Migrations;
import dev.selvage.store.Resources;
import java.time.Clock;
import javax.sql.DataSource;

/**
 * All controllers of the centre. Every server replica has them; the one that is elected runs them, the others stand by
 * and take over within seconds.
 */
public final class Controllers implements AutoCloseable {
    private final DataSource database;
    private final Leader leader;

    /**
     * @param leases heartbeats of the nodes
     * @param database where the election is held; the same database as that of the resources
     */
    public Controllers(Resources resources, Leases leases, DataSource database, ControlConfig config, Clock clock) {
        this.database = database;
        this.leader = new Leader(
                database,
                "controllers",
                config.leaderTerm(),
                fence -> Running.start(resources, leases, fence, config, clock));
    }

    /** Brings the election's table up to date and stands for election. */
    public void start() {
        Migrations.run(database, "control");
        leader.start();
    }

    /** Whether this process acts now. */
    public boolean leads() {
        return leader.leads();
    }

    /** Stops acting, and lets another replica lead at once. */
    @Override
    public void close() {
        leader.close();
    }
}
