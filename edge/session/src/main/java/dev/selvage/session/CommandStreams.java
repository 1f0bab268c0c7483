package dev.selvage.session;

import java.io.InputStream;
import java.io.OutputStream;

/** The client's end of a command. Writes wait while the client does not read; reads and writes fail when it has gone. */
public interface CommandStreams {
    /** What the client types. Closing it, from any thread, ends a read that waits. */
    InputStream stdin();

    OutputStream stdout();

    OutputStream stderr();

    /** Hears the terminal's size, in characters. */
    @FunctionalInterface
    interface SizeListener {
        void resized(int columns, int rows);
    }

    /** The listener hears the last size that came, if there was one, and each later one; from any thread. */
    void onResize(SizeListener listener);
}
