package dev.selvage.api;

import dev.selvage.store.EmbeddedPostgres;
import dev.selvage.store.Resources;
import dev.selvage.store.Store;
import dev.selvage.store.StoreConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** One store on a real PostgreSQL for all test classes of the JVM; it ends with it. */
final class TestStore {
    private static final class Holder {
        static final TestStore SHARED = new TestStore();
    }

    private final Path directory;
    private final EmbeddedPostgres postgres;
    private final Store store;

    private TestStore() {
        try {
            directory = Files.createTempDirectory("selvage-api");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        postgres = EmbeddedPostgres.start(
                directory, 0, Path.of(System.getProperty("java.io.tmpdir"), "selvage-test-postgres"));
        store = Store.open(StoreConfig.of(postgres.jdbcUrl(), postgres.user(), postgres.password()));
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "test-store-close"));
    }

    static TestStore shared() {
        return Holder.SHARED;
    }

    Resources resources() {
        return store.resources();
    }

    private void close() {
        store.close();
        postgres.close();
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
