package dev.selvage.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.selvage.files.CheckedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * How many changes the slice's database has taken, in a file of its own, written after each of them: a database that knows of fewer has lost its end. SQLite takes
 * a write-ahead log up to the first frame that is wrong and cannot know that there were more.
 */
final class SliceMark {
    private static final System.Logger LOG = System.getLogger(SliceMark.class.getName());

    private final CheckedFile file;
    private long written;

    /**
     * @param faults hears in words when the file was damaged
     */
    SliceMark(Path file, Consumer<String> faults) {
        this.file = new CheckedFile(file, faults);
        written = read();
    }

    private long read() {
        try {
            String text = file.read().map(bytes -> new String(bytes, US_ASCII)).orElse("0");
            if (text.matches("\\d{1,18}")) {
                return Long.parseLong(text);
            }
            file.setAside("it is no number of changes");
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot read the slice's mark: " + e);
        }
        return 0;
    }

    /** As many as the database has taken at least; 0 when nothing is known. */
    synchronized long changes() {
        return written;
    }

    /** On a disk that takes nothing the mark stays behind, which hides a loss and never invents one. */
    synchronized void write(long changes) {
        if (changes <= written) {
            return;
        }
        try {
            file.write(Long.toString(changes).getBytes(US_ASCII));
            written = changes;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot write the slice's mark: " + e);
        }
    }
}
