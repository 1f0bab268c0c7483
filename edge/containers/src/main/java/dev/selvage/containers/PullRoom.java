package dev.selvage.containers;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Keeps a part of the engine's disk free of pulled images. The engine has no such limit: it unpacks what a registry sends, a
 * bomb too, until nothing is left for the containers that run.
 */
final class PullRoom {
    private static final Duration LOOK = Duration.ofMillis(200);

    private final EngineDisk disk;
    private final Runnable collect;
    private final int spare;

    /**
     * @param collect removes images that nobody uses, if the disk is full
     * @param spare percent of the disk
     */
    PullRoom(EngineDisk disk, Runnable collect, int spare) {
        this.disk = disk;
        this.collect = collect;
        this.spare = spare;
    }

    /** @throws EngineException when there is no room, and none can be made */
    Optional<Path> make() throws IOException {
        Optional<EngineDisk.Space> space = disk.look();
        if (space.isPresent() && space.get().beside(spare) < 0) {
            collect.run();
            space = disk.look();
            if (space.isPresent() && space.get().beside(spare) < 0) {
                throw new EngineException(
                        0, "no image is pulled: " + space.get().scarcity(spare));
            }
        }
        return space.map(EngineDisk.Space::root);
    }

    /** Breaks a pull off when the room is used up. */
    Guard guard(Optional<Path> root, EngineConnection connection) {
        return new Guard(root, connection);
    }

    final class Guard implements AutoCloseable {
        private final Optional<Path> root;
        private final EngineConnection connection;
        private final Thread thread;
        private volatile String why = "";

        private Guard(Optional<Path> root, EngineConnection connection) {
            this.root = root;
            this.connection = connection;
            this.thread = Thread.ofVirtual().name("pull-room").start(this::watch);
        }

        /** Empty when it did not break the pull off. */
        String why() {
            return why;
        }

        private void watch() {
            try {
                while (root.isPresent()) {
                    Thread.sleep(LOOK);
                    Optional<EngineDisk.Space> space = EngineDisk.look(root.get());
                    if (space.isPresent() && space.get().beside(spare) < 0) {
                        why = "the pull was broken off: " + space.get().scarcity(spare);
                        connection.close();
                        return;
                    }
                }
            } catch (InterruptedException e) {
                // the pull has ended
            } catch (IOException e) {
                System.getLogger(PullRoom.class.getName())
                        .log(System.Logger.Level.WARNING, "the engine''s disk: {0}", e);
            }
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }
}
