package dev.selvage.store;

import static dev.selvage.store.TestObjects.committed;
import static dev.selvage.store.TestObjects.configMap;
import static dev.selvage.store.TestObjects.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Kinds;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Kubernetes API concepts, "Efficient detection of changes": 410 says that changes are gone, so it must not be said where none is. */
class FollowerTest {
    private static final int LOSSES = 20;

    @Test
    void aLostConnectionExpiresNoWatchWhileChangesAreCommitted() throws Exception {
        try (Store store = Store.open(TestPostgres.newDatabase());
                Connection admin = store.dataSource().getConnection()) {
            Resources resources = store.resources();
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Stored own = committed(resources.create(configMap("a" + i, "0")));
                writers.add(Thread.startVirtualThread(() -> write(resources, own, stop)));
            }
            long from = resources.revision();
            try (WatchStream watch = resources.watch(Selection.all(Kinds.CONFIG_MAP), from)) {
                Reader reader = new Reader(watch, from);
                for (int i = 0; i < LOSSES; i++) {
                    Poll.until(() -> {
                        reader.read(); // all the time, or the writers get further ahead than the ring is long
                        return breakFollower(admin);
                    });
                    long wanted = reader.last() + 100;
                    Poll.until(() -> reader.read() >= wanted);
                }
                stop.set(true);
                for (Thread writer : writers) {
                    writer.join();
                }
                long written = resources.revision();
                Poll.until(() -> store.healthy() && reader.read() >= written);
            } finally {
                stop.set(true);
            }
        }
    }

    private static void write(Resources resources, Stored own, AtomicBoolean stop) {
        for (int i = 1; !stop.get(); i++) {
            String value = Integer.toString(i);
            try {
                committed(resources.mutate(own.key(), data(value)));
            } catch (StoreUnavailableException e) {
                i--; // its connection was taken for the follower's
            }
        }
    }

    /** Takes what there is; every revision follows upon the one before, since nobody else writes. */
    private static final class Reader {
        private final WatchStream watch;
        private long last;

        Reader(WatchStream watch, long from) {
            this.watch = watch;
            this.last = from;
        }

        long last() {
            return last;
        }

        /** Reads until nothing comes, and says which revision came last. */
        long read() {
            while (true) {
                switch (next()) {
                    case WatchEvent.Modified modified ->
                        assertThat(modified.stored().revision()).isEqualTo(++last);
                    case WatchEvent.Bookmark _ -> {
                        return last;
                    }
                    case WatchEvent other -> throw new AssertionError("after revision " + last + ": " + other);
                }
            }
        }

        private WatchEvent next() {
            try {
                return watch.next(Duration.ZERO);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Ends the backend whose last question was the follower's; false while it is not back yet. */
    private static boolean breakFollower(Connection admin) {
        try (Statement statement = admin.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        + " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                        + " AND query LIKE 'SELECT revision, %'")) {
            return row.next() && row.getInt(1) > 0;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
