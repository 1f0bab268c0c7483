package dev.selvage.streams;

import dev.selvage.files.CheckedFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The file of all open windows. It is written each second while they change, and at once (no more often than each 100 ms) when
 * a window was opened, a device had its first part in one, or one left for good: a crash costs at most the last second of a
 * window, and a whole window only when all of its readings came within the last tick or two.
 */
final class Checkpoint {
    private static final int VERSION = 1;
    private static final long EVERY = 1_000;
    private static final long AT_ONCE = 100;

    private final CheckedFile file;
    private long writtenAt;
    private int streams;
    /** The last write failed: what the runs take for written is not. */
    private boolean behind;

    Checkpoint(Path directory, Consumer<String> damaged) {
        file = new CheckedFile(directory.resolve("windows"), damaged);
    }

    /** Writes what has changed, when it is time to. */
    void write(Collection<StreamRun> runs, long now) throws IOException {
        long age = Math.abs(now - writtenAt);
        List<StreamRun> windowed = runs.stream().filter(StreamRun::windowed).toList();
        boolean urgent = windowed.size() != streams || windowed.stream().anyMatch(StreamRun::urgent);
        boolean due = age >= EVERY && (behind || windowed.stream().anyMatch(StreamRun::changed));
        if (due || (urgent && !behind && age >= AT_ONCE)) {
            writtenAt = now;
            write(windowed);
        }
    }

    /** Whether the last write succeeded: what joined before it is kept. */
    boolean whole() {
        return !behind;
    }

    void write(List<StreamRun> windowed) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(4_096);
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(VERSION);
        out.writeInt(windowed.size());
        for (StreamRun run : windowed) {
            run.checkpoint(out);
        }
        streams = windowed.size();
        behind = true;
        file.write(bytes.toByteArray());
        behind = false;
    }

    /** What was kept; nothing when there is no file, or none that can be read. */
    List<CheckpointCodec.Saved> read() throws IOException {
        Optional<byte[]> content = file.read();
        if (content.isEmpty()) {
            return List.of();
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content.get()))) {
            int version = in.readInt();
            if (version != VERSION) {
                throw new IOException("it is of version " + version);
            }
            List<CheckpointCodec.Saved> saved = new ArrayList<>();
            for (int i = in.readInt(); i > 0; i--) {
                saved.add(CheckpointCodec.read(in));
            }
            return saved;
        } catch (IOException e) {
            file.setAside(String.valueOf(e.getMessage()));
            return List.of();
        }
    }
}
