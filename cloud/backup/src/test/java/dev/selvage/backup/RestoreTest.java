package dev.selvage.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.model.Kinds;
import dev.selvage.store.Selection;
import dev.selvage.store.StoreConfig;
import dev.selvage.store.Stored;
import dev.selvage.store.WatchEvent;
import dev.selvage.store.WatchStream;
import dev.selvage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 3, "backup and restore of database and CA by one command each (own means)": what is kept, what is refused, and that a refusal touches nothing. */
class RestoreTest {
    private static final Listener SILENT = (_, _, _, _) -> {};
    private static final Optional<String> PLAIN = Optional.empty();
    private static final String BESIDE = "selvage_restore";

    @TempDir
    Path directory;

    private StoreConfig source = TestDatabase.create();
    private Path file = Path.of("");

    @BeforeEach
    void place() {
        file = directory.resolve("centre.backup");
    }

    @Test
    void whatIsBackedUpWhileTheCentreRunsComesBackInAnEmptyDatabase() throws Exception {
        Stored kept;
        String fingerprint;
        String incarnation;
        long revision;
        long epoch;
        try (TestCentre centre = new TestCentre(source)) {
            kept = centre.configMap("kept", "1");
            epoch = centre.store.leases().open("edge-1", "hub");
            centre.measure(0, 3.5);
            execute(source, "INSERT INTO node_identity VALUES ('edge-1', 'uid-1', '\\x01', 7, 'active', now())");
            Summary made = backup(centre, false);
            centre.configMap("later", "2");
            fingerprint = centre.authority.fingerprint();
            incarnation = centre.store.resources().incarnation();
            revision = centre.store.resources().revision();
            assertThat(made.objects()).isEqualTo(1);
            assertThat(made.revision()).isEqualTo(kept.revision());
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        StoreConfig target = TestDatabase.create();
        Restore.run(TestCentre.address(target), file, false, PLAIN, SILENT);
        try (TestCentre centre = new TestCentre(target)) {
            assertThat(centre.get("kept")).contains(kept);
            assertThat(centre.get("later")).isEmpty();
            assertThat(centre.authority.fingerprint()).isEqualTo(fingerprint);
            assertThat(centre.store.leases().epoch("edge-1")).isEqualTo(epoch);
            assertThat(row(target, "SELECT uid || generation FROM node_identity"))
                    .isEqualTo("uid-17");
            assertThat(centre.store.resources().incarnation()).isNotEqualTo(incarnation);
            assertThat(centre.measured()).isEmpty();
            // No revision that a client has seen comes again with another meaning, and what it watched from has
            // expired.
            Stored next = centre.configMap("next", "3");
            assertThat(next.revision()).isGreaterThan(revision + 1_000_000);
            assertThat(expired(centre, revision)).isTrue();
        }
    }

    @Test
    void aStoreThatIsThereIsReplacedOnlyByForceAndKeepsItsTelemetry() {
        try (TestCentre centre = new TestCentre(source)) {
            centre.configMap("kept", "1");
            backup(centre, false);
            centre.configMap("later", "2");
            centre.measure(0, 3.5);
        }
        assertThatThrownBy(() -> Restore.run(TestCentre.address(source), file, false, PLAIN, SILENT))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("nothing was replaced")
                .hasMessageContaining("--force");
        Restore.run(TestCentre.address(source), file, true, PLAIN, SILENT);
        try (TestCentre centre = new TestCentre(source)) {
            assertThat(centre.get("kept")).isPresent();
            assertThat(centre.get("later")).isEmpty();
            assertThat(centre.measured()).containsExactly(3.5);
        }
    }

    @Test
    void telemetryComesAlongWhenItIsAskedForAndGoesOnBehindItsCursors() {
        try (TestCentre centre = new TestCentre(source)) {
            centre.measure(0, 1.5);
            assertThat(backup(centre, true).telemetry()).isTrue();
        }
        StoreConfig target = TestDatabase.create();
        assertThat(Restore.run(TestCentre.address(target), file, false, PLAIN, SILENT)
                        .telemetry())
                .isTrue();
        try (TestCentre centre = new TestCentre(target)) {
            assertThat(centre.measured()).containsExactly(1.5);
            centre.measure(0, 99); // the node did not hear that it was stored
            centre.measure(1, 2.5);
            assertThat(centre.measured()).containsExactly(2.5);
            assertThat(centre.telemetry.cursor("edge-1", "live").nextSequence()).isEqualTo(2);
        }
    }

    @Test
    void aRunningCentreIsLeftAlone() {
        try (TestCentre centre = new TestCentre(source)) {
            centre.configMap("kept", "1");
            backup(centre, false);
            assertThatThrownBy(() -> Restore.run(centre.address(), file, true, PLAIN, SILENT))
                    .hasMessageContaining("a centre is running on the database (connected from 127.0.0.1)")
                    .hasMessageContaining("nothing was replaced");
            assertThat(centre.configMap("alive", "2").revision()).isPositive();
        }
    }

    @Test
    void aFileCutOffOrFlippedAnywhereIsRefusedAndNothingIsTouched() throws Exception {
        try (TestCentre centre = new TestCentre(source)) {
            centre.configMap("kept", "1");
            backup(centre, false);
        }
        byte[] whole = Files.readAllBytes(file);
        String before = row(source, "SELECT revision || incarnation FROM counter");
        Path bad = directory.resolve("bad.backup");
        for (int length = 0; length < whole.length; length += 1 + length / 16) {
            Files.write(bad, java.util.Arrays.copyOf(whole, length));
            refused(bad, length < FileHeader.MAGIC.length() ? "not a backup" : "cut short");
        }
        for (int at = 0; at < whole.length; at += 1 + at / 16) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 0x10;
            Files.write(bad, flipped);
            refused(bad, at < 8 ? "not a backup" : at < 10 ? "version" : "");
        }
        Files.write(bad, whole);
        Files.writeString(bad, "more", java.nio.file.StandardOpenOption.APPEND);
        refused(bad, "something follows its end");
        Files.writeString(bad, "-- PostgreSQL database dump\n");
        refused(bad, "not a backup of Selvage");
        refused(directory.resolve("missing"), "no such file");
        assertThat(row(source, "SELECT revision || incarnation FROM counter")).isEqualTo(before);
        assertThat(tables(source)).contains("object").noneMatch(name -> name.startsWith(BESIDE));
    }

    @Test
    void whatANewerVersionMadeIsRefused() throws Exception {
        try (TestCentre centre = new TestCentre(source)) {
            centre.configMap("kept", "1");
            // A later release has run its migration on these tables.
            execute(
                    source,
                    "INSERT INTO schema_history_identity SELECT installed_rank + 100, '999', 'later', type, 'V999__later.sql',"
                            + " 1, installed_by, now(), 1, true FROM schema_history_identity WHERE type = 'SQL' LIMIT 1");
            assertThatThrownBy(() -> backup(centre, false)).hasMessageContaining("a newer one made them");
        }
        Path newer = directory.resolve("newer.backup");
        write(newer, new Manifest(java.time.Instant.EPOCH, 5, "i", java.util.Map.of("store", "1", "identity", "999")));
        assertThatThrownBy(() -> Restore.run(TestCentre.address(TestDatabase.create()), newer, false, PLAIN, SILENT))
                .hasMessageContaining("its tables of identity are of version 999")
                .hasMessageContaining("nothing was replaced");
    }

    @Test
    void aLoadThatFailsHalfWayLeavesWhatWasThere() throws Exception {
        try (TestCentre centre = new TestCentre(source)) {
            centre.configMap("kept", "1");
        }
        Path half = directory.resolve("half.backup");
        write(
                half,
                new Manifest(java.time.Instant.EPOCH, 5, "i", java.util.Map.of("store", "1", "identity", "1")),
                new Records.Table("object", List.of("resource", "namespace")),
                new Records.Data(new byte[] {1, 2, 3}));
        assertThatThrownBy(() -> Restore.run(TestCentre.address(source), half, true, PLAIN, SILENT))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("nothing was replaced");
        try (TestCentre centre = new TestCentre(source)) {
            assertThat(centre.get("kept")).isPresent();
        }
    }

    @Test
    void aPassphraseHidesWhatIsInTheFile() throws Exception {
        StoreConfig target = TestDatabase.create();
        Optional<String> secret = Optional.of("correct horse");
        try (TestCentre centre = new TestCentre(source)) {
            centre.configMap("kept", "1");
            Backup.write(centre.address(), file, false, false, secret, SILENT);
        }
        assertThatThrownBy(() -> Restore.run(TestCentre.address(target), file, false, PLAIN, SILENT))
                .hasMessageContaining("it is encrypted: give --passphrase-file");
        assertThatThrownBy(() -> Restore.run(TestCentre.address(target), file, false, Optional.of("wrong"), SILENT))
                .hasMessageContaining("the passphrase does not open it");
        assertThat(Restore.run(TestCentre.address(target), file, false, secret, SILENT)
                        .objects())
                .isEqualTo(1);
    }

    @Test
    void aBackupIsOneInstantHoweverMuchIsWrittenMeanwhile() throws Exception {
        StoreConfig target = TestDatabase.create();
        try (TestCentre centre = new TestCentre(source)) {
            AtomicBoolean stop = new AtomicBoolean();
            List<Integer> written = new ArrayList<>();
            Thread writer = Thread.ofVirtual().start(() -> {
                for (int i = 0; !stop.get(); i++) {
                    centre.configMap("c-" + i, "x");
                    synchronized (written) {
                        written.add(i);
                        written.notifyAll();
                    }
                }
            });
            synchronized (written) {
                while (written.size() < 20) {
                    written.wait();
                }
            }
            long before = centre.store.resources().revision();
            Summary made = backup(centre, false);
            stop.set(true);
            writer.join();
            assertThat(made.revision()).isGreaterThanOrEqualTo(before);
            Restore.run(TestCentre.address(target), file, false, PLAIN, SILENT);
            // Each creation is one revision, so the backup holds those up to its own and no others.
            Set<Long> revisions = new HashSet<>();
            centre.store.resources().list(Selection.all(Kinds.CONFIG_MAP)).stream()
                    .map(Stored::revision)
                    .filter(r -> r <= made.revision())
                    .forEach(revisions::add);
            assertThat(made.objects()).isEqualTo(revisions.size());
            assertThat(row(target, "SELECT max(revision) FROM object")).isEqualTo(Long.toString(made.revision()));
        }
    }

    @Test
    void aFileOfThatNameIsKeptUnlessForced() throws Exception {
        Files.writeString(file, "precious");
        try (TestCentre centre = new TestCentre(source)) {
            assertThatThrownBy(() -> backup(centre, false)).hasMessageContaining("is there already");
            assertThat(file).hasContent("precious");
            Backup.write(centre.address(), file, false, true, PLAIN, SILENT);
        }
        ChunkInput.verify(file);
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void everyTableIsEitherBackedUpOrKnowinglyLeftOut() throws Exception {
        Set<String> known = new HashSet<>(Set.of("control_leader", "schema_history_control"));
        Part.of(true).forEach(part -> part.replaced().forEach(known::add));
        try (TestCentre _ = new TestCentre(source)) {
            assertThat(tables(source)).containsExactlyInAnyOrderElementsOf(known);
        }
    }

    private Summary backup(TestCentre centre, boolean telemetry) {
        return Backup.write(centre.address(), file, telemetry, false, PLAIN, SILENT);
    }

    private void refused(Path bad, String why) {
        assertThatThrownBy(() -> Restore.run(TestCentre.address(source), bad, true, PLAIN, SILENT))
                .isInstanceOf(BackupException.class)
                .hasMessageStartingWith("nothing was replaced; " + bad)
                .hasMessageContaining(why);
    }

    private static void write(Path file, Manifest manifest, Records... records) throws IOException {
        try (var raw = Files.newOutputStream(file);
                var chunks =
                        new ChunkOutput(raw, new FileHeader(FileHeader.VERSION, Optional.empty()), Optional.empty());
                var out = new java.io.DataOutputStream(new java.util.zip.DeflaterOutputStream(chunks))) {
            new Records.Head(manifest).write(out);
            for (Records record : records) {
                record.write(out);
            }
        }
    }

    private static boolean expired(TestCentre centre, long revision) throws InterruptedException {
        try (WatchStream watch = centre.store.resources().watch(Selection.all(Kinds.CONFIG_MAP), revision)) {
            return watch.next(Duration.ofSeconds(10)) instanceof WatchEvent.Expired;
        }
    }

    private static void execute(StoreConfig database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String row(StoreConfig database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertThat(row.next()).as(sql).isTrue();
            return row.getString(1);
        }
    }

    private static List<String> tables(StoreConfig database) throws SQLException {
        try (Connection connection = connect(database)) {
            List<String> all = new ArrayList<>(Tables.of(connection, "public"));
            Tables.texts(connection, "SELECT nspname FROM pg_namespace WHERE nspname = '" + BESIDE + "'")
                    .forEach(all::add);
            return all;
        }
    }

    private static Connection connect(StoreConfig database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }
}
