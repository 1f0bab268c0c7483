package dev.selvage.store;

import javax.sql.DataSource;

/** Objects with revisions on PostgreSQL. */
@SuppressWarnings("DoNotCallSuggester") // until it is built
public final class Store implements AutoCloseable {
    private Store() {}

    /**
     * Connects, brings the schema up to date under a lock, and fills the watch cache.
     *
     * @throws StoreUnavailableException when the database does not answer
     */
    public static Store open(StoreConfig config) {
        throw new UnsupportedOperationException("not yet: " + config);
    }

    public Resources resources() {
        throw new UnsupportedOperationException();
    }

    public Leases leases() {
        throw new UnsupportedOperationException();
    }

    /** Pooled connections for tables of other modules; see {@link Migrations}. */
    public DataSource dataSource() {
        throw new UnsupportedOperationException();
    }

    /** Whether the watch cache is following the database: false means that reads may be old and writes fail. */
    public boolean healthy() {
        throw new UnsupportedOperationException();
    }

    /** Gives the store a new incarnation: what a tool does after it has restored a backup that PostgreSQL cannot tell from the original. */
    public void renewIncarnation() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
