package dev.selvage.backup;

import dev.selvage.store.StoreException;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;

/**
 * Makes a backup: {@link FileHeader}, then {@link Records} deflated within {@link ChunkOutput chunks}, and a checksum. The file holds the private key of the centre's CA
 * and every Secret, so only its owner may read it; with a passphrase it is encrypted.
 */
public final class Backup {
    private Backup() {}

    /**
     * Writes the file while the centre goes on; it comes to its name when it is whole and on disk.
     *
     * @param replace whether a file of this name may be replaced
     * @throws BackupException saying why there is none
     */
    public static Summary write(
            DatabaseAddress address,
            Path file,
            boolean telemetry,
            boolean replace,
            Optional<String> passphrase,
            Listener listener) {
        if (!replace && Files.exists(file)) {
            throw new BackupException(file + " is there already: choose another name, or replace it with --force");
        }
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        try {
            Files.deleteIfExists(partial);
            Files.createFile(
                    partial, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                Summary summary = fill(partial, address, telemetry, passphrase, listener);
                Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
                return summary;
            } finally {
                Files.deleteIfExists(partial);
            }
        } catch (IOException e) {
            throw new BackupException("the backup cannot be written to " + file + ": " + e, e);
        } catch (SQLException | StoreException | FlywayException e) {
            throw new BackupException("the database cannot be backed up: " + e.getMessage(), e);
        }
    }

    private static Summary fill(
            Path file, DatabaseAddress address, boolean telemetry, Optional<String> passphrase, Listener listener)
            throws IOException, SQLException {
        DataSource database = address.dataSource();
        var header = new FileHeader(FileHeader.VERSION, passphrase.map(_ -> ChunkCipher.newSealing()));
        var deflater = new Deflater(Deflater.BEST_SPEED);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                OutputStream raw = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
                Connection connection = database.getConnection()) {
            Summary summary;
            try (var chunks = new ChunkOutput(raw, header, passphrase);
                    var out = new DataOutputStream(new DeflaterOutputStream(chunks, deflater, 1 << 15))) {
                summary = new Dump(database, connection, out, listener).run(Part.of(telemetry));
            }
            raw.flush();
            channel.force(true);
            return summary;
        } finally {
            deflater.end();
        }
    }
}
