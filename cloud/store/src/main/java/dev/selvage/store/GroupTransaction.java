package dev.selvage.store;

import dev.selvage.model.ObjectKey;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * One group in one transaction and one round trip: the function {@code commit_group} of the schema judges the writes, gives the revisions and writes, and
 * the statement's end is the commit.
 */
final class GroupTransaction {
    private static final String COMMIT_GROUP = """
            SELECT place, holds, revision, uid, actual, content FROM commit_group(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";
    /** https://www.postgresql.org/docs/18/errcodes-appendix.html: classes that speak of the data, not of the connection or the load. */
    private static final Set<String> POISON = Set.of("21", "22", "23", "42", "54");
    /** A row that fits no partition (check_violation). */
    private static final String NO_PARTITION = "23514";

    private final Database database;
    private final String writer;
    private final Supplier<String> incarnation;
    private final Runnable partitions;

    /** Nothing of the group was committed. */
    static final class NotCommitted extends Exception {
        private final boolean poison;

        NotCommitted(SQLException cause) {
            super(cause.getMessage(), cause);
            @Nullable String state = cause.getSQLState();
            this.poison = state != null && state.length() == 5 && POISON.contains(state.substring(0, 2));
        }

        /** The database refused what was written, and will again. */
        boolean poison() {
            return poison;
        }
    }

    /** @param results one for each write; keys are unique within a group */
    record Committed(Map<ObjectKey, Write.Result> results, List<Change> changes) {}

    /**
     * @param writer names this process in the notifications of its commits
     * @param partitions makes partitions of the change log for the revisions to come
     */
    GroupTransaction(Database database, String writer, Supplier<String> incarnation, Runnable partitions) {
        this.database = database;
        this.writer = writer;
        this.incarnation = incarnation;
        this.partitions = partitions;
    }

    /** @throws SQLException when it is unknown whether the group was committed */
    Committed commit(List<Write> group) throws NotCommitted, SQLException {
        try {
            return attempt(group);
        } catch (NotCommitted e) {
            if (e.getCause() instanceof SQLException cause && NO_PARTITION.equals(cause.getSQLState())) {
                partitions.run();
                return attempt(group);
            }
            throw e;
        }
    }

    private Committed attempt(List<Write> group) throws NotCommitted, SQLException {
        Connection connection;
        try {
            connection = database.pool().getConnection();
        } catch (SQLException e) {
            throw new NotCommitted(e);
        }
        try (connection) {
            return run(connection, group);
        } catch (SQLException e) {
            if (refused(e)) {
                throw new NotCommitted(e);
            }
            throw e;
        }
    }

    /** An error that the server tells while it keeps the session has rolled the transaction back; silence or a session's end say nothing. */
    private static boolean refused(SQLException e) {
        if (!(e instanceof PSQLException told)) {
            return false;
        }
        @Nullable ServerErrorMessage message = told.getServerErrorMessage();
        return message != null && "ERROR".equals(message.getSeverity());
    }

    private Committed run(Connection connection, List<Write> group) throws SQLException {
        Map<ObjectKey, Write.Result> results = new HashMap<>();
        List<Change> changes = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COMMIT_GROUP)) {
            bind(connection, statement, group);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Write write = group.get(row.getInt(1) - 1);
                    results.put(write.key(), result(write, row, changes));
                }
            }
        }
        changes.sort(Comparator.comparingLong(Change::revision));
        return new Committed(results, changes);
    }

    private static Write.Result result(Write write, ResultSet row, List<Change> changes) throws SQLException {
        if (!row.getBoolean(2)) {
            byte @Nullable [] actual = row.getBytes(6);
            return new Write.Result.Mismatch(
                    actual == null
                            ? null
                            : ChangeLog.stored(
                                    write.key(),
                                    Objects.requireNonNull(row.getString(4), "uid"),
                                    row.getLong(5),
                                    actual));
        }
        if (write.kind() == Write.Kind.VERIFY) {
            return new Write.Result.Verified();
        }
        Change change = write.committed(row.getLong(3));
        changes.add(change);
        return new Write.Result.Done(change.after().stored());
    }

    private void bind(Connection connection, PreparedStatement statement, List<Write> group) throws SQLException {
        statement.setString(1, incarnation.get());
        statement.setString(2, writer);
        statement.setArray(3, texts(connection, group, write -> write.kind().code()));
        statement.setArray(4, texts(connection, group, write -> write.key().resource()));
        statement.setArray(5, texts(connection, group, write -> write.key().namespace()));
        statement.setArray(6, texts(connection, group, write -> write.key().name()));
        statement.setArray(7, texts(connection, group, Write::uid));
        statement.setArray(
                8,
                connection.createArrayOf(
                        "bigint", group.stream().map(Write::expected).toArray(Long[]::new)));
        statement.setArray(9, texts(connection, group, Write::node));
        statement.setArray(
                10,
                connection.createArrayOf(
                        "bytea", group.stream().map(Write::form).toArray(byte[][]::new)));
        statement.setArray(11, texts(connection, group, Write::beforeText));
    }

    private static Array texts(Connection connection, List<Write> group, Function<Write, @Nullable String> text)
            throws SQLException {
        return connection.createArrayOf("text", group.stream().map(text).toArray(String[]::new));
    }
}
