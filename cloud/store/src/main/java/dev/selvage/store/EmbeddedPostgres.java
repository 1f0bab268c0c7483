package dev.selvage.store;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL of our own: its programs unpacked from a jar, its data kept below one directory, on loopback only. It is started again when
 * it dies. Data, password and log are {@code data}, {@code password} and {@code postgres.log} below the home directory.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final String USER = "selvage";
    private static final String DATABASE = "selvage";
    /** Recovery after a crash reads at most max_wal_size, but the disk may be slow. */
    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

    private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);

    private final PostgresServer server;
    private final FileChannel lock;
    private final String password;
    private final int port;
    private final Thread supervisor;
    private volatile Process process;
    private volatile boolean closed;

    private EmbeddedPostgres(PostgresServer server, FileChannel lock, String password, int port)
            throws IOException, InterruptedException {
        this.server = server;
        this.lock = lock;
        this.password = password;
        this.port = port;
        this.process = startServer();
        this.supervisor = Thread.ofVirtual().name("postgres-supervisor").start(this::supervise);
    }

    /**
     * Starts the server below {@code home}; initialises it the first time, and takes over what a killed centre left behind.
     *
     * @param port TCP port, 0 for any free one
     * @throws StoreException saying what failed, with the end of the server's log
     */
    public static EmbeddedPostgres start(Path home, int port) {
        return start(home, port, home);
    }

    /** @param programs where the programs are unpacked, which several servers may share */
    public static EmbeddedPostgres start(Path home, int port, Path programs) {
        try {
            Files.createDirectories(home);
            Path real = home.toRealPath();
            FileChannel lock = lock(real);
            try {
                return start(real, lock, port, PostgresProgram.unpack(programs));
            } catch (IOException | RuntimeException | InterruptedException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new StoreException("embedded PostgreSQL in " + home + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("embedded PostgreSQL in " + home + ": interrupted", e);
        }
    }

    private static EmbeddedPostgres start(Path home, FileChannel lock, int port, PostgresProgram program)
            throws IOException, InterruptedException {
        PostgresServer server = new PostgresServer(program, home.resolve("data"), home.resolve("postgres.log"));
        String password = password(home.resolve("password"));
        server.initialise(USER, home.resolve("password"));
        server.endLeftOver();
        return new EmbeddedPostgres(server, lock, password, free(port));
    }

    /**
     * How to reach the server that a running centre has below {@code home}; empty when none runs there.
     *
     * @throws StoreException when it is just starting or stopping
     */
    public static Optional<StoreConfig> running(Path home) {
        try {
            if (!Files.exists(home.resolve("lock"))) {
                return Optional.empty();
            }
            lock(home.toRealPath()).close();
            return Optional.empty();
        } catch (StoreException held) {
            return Optional.of(attached(home));
        } catch (IOException e) {
            throw new StoreException("embedded PostgreSQL in " + home + ": " + e, e);
        }
    }

    private static StoreConfig attached(Path home) {
        try {
            int port = PostgresServer.port(home.resolve("data"));
            return StoreConfig.of(
                    url(port), USER, Files.readString(home.resolve("password")).strip());
        } catch (IOException e) {
            throw new StoreException(
                    "embedded PostgreSQL in " + home + ": it is starting or stopping (" + e.getMessage()
                            + "); try again",
                    e);
        }
    }

    private static String url(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE;
    }

    public String jdbcUrl() {
        return url(port);
    }

    public String user() {
        return USER;
    }

    public String password() {
        return password;
    }

    public int port() {
        return port;
    }

    /** The postmaster's process id now. */
    public long pid() {
        return process.pid();
    }

    /** Stops the server; its data stays. */
    @Override
    public void close() {
        closed = true;
        supervisor.interrupt();
        try {
            supervisor.join();
            PostgresServer.stop(process.toHandle());
            lock.close();
        } catch (IOException e) {
            throw new StoreException("embedded PostgreSQL: cannot stop: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Process startServer() throws IOException, InterruptedException {
        Process started = server.launch(port);
        Instant deadline = Instant.now().plus(START_TIMEOUT);
        while (true) {
            @Nullable SQLException failure = tryConnect();
            if (failure == null) {
                return started;
            }
            if (!started.isAlive() || Instant.now().isAfter(deadline)) {
                started.destroyForcibly();
                throw new StoreException(
                        "embedded PostgreSQL does not start on port " + port + ": " + failure.getMessage() + "\n"
                                + server.logTail(),
                        failure);
            }
            started.waitFor(30, TimeUnit.MILLISECONDS);
        }
    }

    private @Nullable SQLException tryConnect() {
        String maintenance = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?connectTimeout=2&socketTimeout=15";
        try (Connection connection = DriverManager.getConnection(maintenance, USER, password);
                Statement statement = connection.createStatement()) {
            if (!statement
                    .executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")
                    .next()) {
                statement.execute("CREATE DATABASE " + DATABASE);
            }
            return null;
        } catch (SQLException e) {
            return e;
        }
    }

    private void supervise() {
        Duration backoff = Duration.ofMillis(100);
        while (!closed) {
            try {
                process.waitFor();
                LOG.warn("PostgreSQL ended with {}; starting it again", process.exitValue());
                // backends of a killed postmaster need a moment to notice, and hold its shared memory until then
                Thread.sleep(backoff);
                server.endLeftOver();
                process = startServer();
                backoff = Duration.ofMillis(100);
            } catch (InterruptedException e) {
                return; // closing
            } catch (IOException | RuntimeException e) {
                LOG.error("PostgreSQL cannot be started again; trying once more in {}", backoff, e);
                backoff = backoff.multipliedBy(2).compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : backoff.multipliedBy(2);
            }
        }
    }

    private static FileChannel lock(Path home) throws IOException {
        FileChannel channel =
                FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            @Nullable FileLock held = channel.tryLock();
            if (held != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // held by this very process: the same answer
        }
        channel.close();
        throw new StoreException("embedded PostgreSQL: " + home + " is in use by another running centre");
    }

    private static String password(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            Path half = file.resolveSibling("password.new");
            Files.deleteIfExists(half);
            Files.createFile(half, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(half, HexFormat.of().formatHex(random));
            Files.move(half, file);
        }
        return Files.readString(file).strip();
    }

    /** The port, or any free one for 0; asked before the start, for an answer that needs no log to understand. */
    private static int free(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (BindException e) {
            throw new StoreException("embedded PostgreSQL: port " + port + " is in use by another program", e);
        }
    }
}
