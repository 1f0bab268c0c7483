package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Decision record 0017: a database that was restored knows an older key of a node than this centre has given it. A node that renewed after the backup is the node still; a
 * copy of its disk from before is not.
 */
@Timeout(90)
class RestoredIdentityTest {
    private final TestCentre centre = new TestCentre();
    private final TestNode node = new TestNode("edge-1", centre.address());

    RestoredIdentityTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        node.close();
        centre.close();
    }

    /** What a backup holds of the node; its certificates begin up to an hour before they are issued, so the row is made two hours old. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    private record Backup(byte[] keyHash, long generation, OffsetDateTime changedAt) {}

    @Test
    void aNodeThatRenewedAfterTheBackupLinksAgainAndItsGenerationsGoOn() throws Exception {
        Backup backup = join();
        node.session().renewNow();
        node.session().renewNow();
        assertThat(node.session().identity().generation()).isEqualTo(3);
        node.stop();
        restore(backup);
        node.start();
        linked(node);
        assertThat(node.session().identity().generation()).isEqualTo(4);
        assertThat(backup().generation()).isEqualTo(4);
    }

    @Test
    void aCopyOfTheDiskFromBeforeTheBackupIsStaleOnceTheNodeIsBack() throws Exception {
        Backup backup = join();
        try (TestNode copy = new TestNode("edge-1", centre.address()).on("host-b")) {
            copyIdentity(node, copy);
            node.session().renewNow();
            node.stop();
            restore(backup);
            node.start();
            linked(node);
            node.stop();
            copy.start();
            eventually(() -> assertThat(copy.heard()).anyMatch(h -> h.startsWith("refused KEY_STALE")));
            assertThat(copy.session().linked()).isFalse();
        }
        node.start();
        linked(node);
    }

    /** Without a restored database: the row was written after the older key was certified. */
    @Test
    void anOlderKeyIsNeverTakenForANewerOne() throws Exception {
        join();
        try (TestNode copy = new TestNode("edge-1", centre.address()).on("host-b")) {
            copyIdentity(node, copy);
            node.session().renewNow();
            node.stop();
            copy.start();
            eventually(() -> assertThat(copy.heard()).anyMatch(h -> h.startsWith("refused KEY_STALE")));
            assertThat(backup().generation()).isEqualTo(2);
        }
    }

    /** Its machine is told nothing new by a row that says the same generation: whoever has that key has renewed in another history. */
    @Test
    void whoeverRenewedAfterTheRestoreHasTheIdentityAndTheOtherIsNamed() throws Exception {
        Backup backup = join();
        try (TestNode copy = new TestNode("edge-1", centre.address()).on("host-b")) {
            copyIdentity(node, copy);
            node.session().renewNow();
            node.stop();
            restore(backup);
            copy.start();
            linked(copy);
            copy.session().renewNow();
            copy.stop();
            node.start();
            eventually(() -> assertThat(node.heard()).anyMatch(h -> h.startsWith("refused KEY_STALE")));
            assertThat(node.session().linked()).isFalse();
        }
    }

    private Backup join() throws Exception {
        node.on("host-a").enroll(centre.authority.fingerprint(), centre.token("join"));
        node.start();
        linked(node);
        sql("UPDATE node_identity SET changed_at = now() - interval '2 hours'");
        return backup();
    }

    private Backup backup() throws SQLException {
        try (Connection connection = centre.store.dataSource().getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("SELECT key_hash, generation, changed_at FROM node_identity");
                ResultSet row = statement.executeQuery()) {
            assertThat(row.next()).isTrue();
            return new Backup(row.getBytes(1), row.getLong(2), row.getObject(3, OffsetDateTime.class));
        }
    }

    private void restore(Backup backup) throws SQLException {
        sql(
                "UPDATE node_identity SET key_hash = ?, generation = ?, changed_at = ?",
                backup.keyHash(),
                backup.generation(),
                backup.changedAt());
    }

    private void sql(String text, Object... parameters) throws SQLException {
        try (Connection connection = centre.store.dataSource().getConnection();
                PreparedStatement statement = connection.prepareStatement(text)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    private static void linked(TestNode node) throws Exception {
        eventually(
                () -> assertThat(node.session().linked()).as("%s", node.heard()).isTrue());
    }

    private static void copyIdentity(TestNode from, TestNode copy) throws IOException {
        Path to = Files.createDirectories(copy.home.resolve("identity"));
        try (Stream<Path> files = Files.list(from.home.resolve("identity"))) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }
}
