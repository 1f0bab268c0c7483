package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.files.CheckedFile;
import dev.selvage.model.CronRuns;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import dev.selvage.model.Timestamps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a node remembers of the runs of one CronJob, in a file of its own. A run, or its next pod, is in the file before it starts: after a crash it is found there and
 * not made again. Minutes that had a run stay after the run itself, {@value #MINUTES} of them and the latest of those before.
 */
final class CronBook {
    static final int MINUTES = 100;

    private final CheckedFile file;
    private final List<CronRun> runs = new ArrayList<>();
    private final TreeSet<Long> minutes = new TreeSet<>();
    private long forgotten = -1;
    private byte[] saved = new byte[0];

    private CronBook(CheckedFile file) {
        this.file = file;
    }

    /**
     * The book on disk; a new one when there is none.
     *
     * @param expected whether there is a file: where it cannot be trusted every time until now may have had its run
     */
    static CronBook open(CheckedFile file, boolean expected, Instant now) {
        CronBook book = new CronBook(file);
        try {
            Optional<byte[]> content = file.read();
            if (content.filter(book::read).isEmpty() && expected) {
                book.forgotten = CronRuns.minute(now);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("runs of a CronJob", e);
        }
        return book;
    }

    private boolean read(byte[] content) {
        try {
            ObjectNode json = Json.parseObject(content);
            for (JsonNode run : json.path("runs")) {
                runs.add(CronRun.of(run));
            }
            json.path("minutes").forEach(minute -> minutes.add(minute.asLong()));
            forgotten = json.path("forgotten").asLong(-1);
            saved = content;
            return true;
        } catch (JsonException | IllegalArgumentException e) {
            runs.clear();
            minutes.clear();
            setAside(String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void setAside(String why) {
        try {
            file.setAside(why);
        } catch (IOException e) {
            throw new UncheckedIOException("runs of a CronJob", e);
        }
    }

    List<CronRun> runs() {
        return runs;
    }

    Optional<CronRun> run(String jobUid) {
        return runs.stream().filter(run -> run.uid().equals(jobUid)).findFirst();
    }

    /** Whether the minute has had its run, or may have had it. */
    boolean had(Instant slot) {
        long minute = CronRuns.minute(slot);
        return minute <= forgotten || minutes.contains(minute);
    }

    /** The minute needs no run, or has one. */
    void note(Instant slot) {
        minutes.add(CronRuns.minute(slot));
        while (minutes.size() > MINUTES) {
            forgotten = Math.max(forgotten, minutes.removeFirst());
        }
    }

    /** The latest time until now that had a run; later ones are of a clock that was ahead. */
    Optional<Instant> last(ObjectNode cronJob, Instant now) {
        Stream<Instant> own = Stream.concat(
                        Optional.ofNullable(minutes.floor(CronRuns.minute(now))).stream(),
                        forgotten < 0 ? Stream.<Long>empty() : Stream.of(forgotten))
                .map(CronRuns::slot);
        return Stream.concat(own, Timestamps.parse(Json.textAt(cronJob, "status", "lastScheduleTime")).stream())
                .filter(at -> !at.isAfter(now))
                .max(Comparator.naturalOrder());
    }

    /**
     * Begins the run, durably.
     *
     * @throws UncheckedIOException when the disk does not take it: nothing has begun
     */
    void begin(CronRun run) {
        runs.add(run);
        try {
            byte[] next = bytes(run.slot);
            write(next);
        } catch (UncheckedIOException e) {
            runs.remove(run);
            throw e;
        }
        note(run.slot);
    }

    /** Adds the run's next pod, durably, as {@link #begin}. */
    void next(CronRun run) {
        run.addAttempt();
        try {
            save();
        } catch (UncheckedIOException e) {
            run.attempts.removeLast();
            throw e;
        }
    }

    /** Durable when it returns; nothing is written when nothing changed. */
    void save() {
        byte[] next = Json.bytes(json(minutes));
        if (!Arrays.equals(next, saved)) {
            write(next);
        }
    }

    private byte[] bytes(Instant alsoHad) {
        TreeSet<Long> all = new TreeSet<>(minutes);
        all.add(CronRuns.minute(alsoHad));
        return Json.bytes(json(all));
    }

    private void write(byte[] content) {
        try {
            file.write(content);
            saved = content;
        } catch (IOException e) {
            throw new UncheckedIOException("runs of a CronJob cannot be written: " + e.getMessage(), e);
        }
    }

    private ObjectNode json(Set<Long> had) {
        ObjectNode json = Json.object().put("version", 1).put("forgotten", forgotten);
        var list = json.putArray("runs");
        runs.forEach(run -> list.add(run.json()));
        had.forEach(json.putArray("minutes")::add);
        return json;
    }
}
