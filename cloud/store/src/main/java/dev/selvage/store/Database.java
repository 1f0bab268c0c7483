package dev.selvage.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.selvage.model.Metrics;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import javax.sql.DataSource;

/** The connections: a pool, and single ones that are held for long. Every wait for the network or a lock has an end. */
final class Database implements AutoCloseable {
    private final StoreConfig config;
    private final HikariDataSource pool;

    /** Work with a connection. */
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    Database(StoreConfig config) {
        this.config = config;
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName("selvage-store");
        hikari.setJdbcUrl(config.jdbcUrl());
        hikari.setUsername(config.user());
        hikari.setPassword(config.password());
        hikari.setMaximumPoolSize(config.poolSize());
        hikari.setMinimumIdle(2);
        hikari.setConnectionTimeout(3_000);
        hikari.setInitializationFailTimeout(-1);
        hikari.setDataSourceProperties(properties());
        hikari.setConnectionInitSql("SET statement_timeout = '15s'; SET lock_timeout = '10s'");
        this.pool = new HikariDataSource(hikari);
    }

    DataSource pool() {
        return pool;
    }

    /** A connection outside the pool, for the caller to close. */
    Connection single() throws SQLException {
        Properties properties = properties();
        properties.setProperty("user", config.user());
        properties.setProperty("password", config.password());
        return DriverManager.getConnection(config.jdbcUrl(), properties);
    }

    <T> T call(String what, Work<T> work) {
        try (Connection connection = pool.getConnection()) {
            return work.with(connection);
        } catch (SQLException e) {
            throw new StoreUnavailableException(what + ": " + e.getMessage(), e);
        }
    }

    void measure(Metrics into) {
        HikariPoolMXBean connections = pool.getHikariPoolMXBean();
        into.limit("store_connections", connections.getActiveConnections(), config.poolSize());
        into.gauge(
                "selvage_store_connections_awaited",
                "callers that wait for a connection",
                connections.getThreadsAwaitingConnection());
    }

    @Override
    public void close() {
        pool.close();
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("connectTimeout", "3");
        properties.setProperty("loginTimeout", "5");
        properties.setProperty("socketTimeout", "30");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("ApplicationName", "selvage");
        properties.setProperty("reWriteBatchedInserts", "true");
        return properties;
    }
}
