package dev.selvage.backup;

import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a centre's database is.
 *
 * @param jdbcUrl {@code jdbc:postgresql://host:port/database}
 */
public record DatabaseAddress(String jdbcUrl, String user, String password) {
    /** By this a running centre's connections are told from a tool's: every pool of a centre is called so. */
    static final String CENTRE = "selvage";

    private static final int CONNECT_SECONDS = 5;
    /** The longest that one answer may take: building an index over all rows of a table is one. */
    private static final int ANSWER_SECONDS = 1800;

    PGSimpleDataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(jdbcUrl);
        source.setUser(user);
        source.setPassword(password);
        source.setConnectTimeout(CONNECT_SECONDS);
        source.setSocketTimeout(ANSWER_SECONDS);
        source.setTcpKeepAlive(true);
        source.setApplicationName("selvage-backup");
        return source;
    }
}
