package dev.selvage.workloads;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/** The client's side of a command. All block: what one end does not take, the other cannot give. */
public interface ExecStreams {
    /** What the client types; its end is the end of the command's standard input. A read fails when the client has gone. */
    InputStream stdin();

    /** A write fails when the client has gone. Bytes are on their way when write returns. */
    OutputStream stdout();

    /** Not used with a terminal. */
    OutputStream stderr();

    /** Tells the listener the terminal's size, at once if it is known, and each new one; from any thread. */
    void onResize(Consumer<TerminalSize> listener);
}
