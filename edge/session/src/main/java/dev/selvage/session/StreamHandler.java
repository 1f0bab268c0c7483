package dev.selvage.session;

import java.io.IOException;
import java.io.OutputStream;

/** Serves interactive streams; each call runs on a virtual thread of its own. */
public interface StreamHandler {
    /**
     * Writes the log and returns; with {@code follow} it returns when the container has ended. Writing fails when the reader has gone.
     *
     * @throws IOException its message is what the user sees
     */
    void logs(LogRequest request, OutputStream out) throws IOException;
}
