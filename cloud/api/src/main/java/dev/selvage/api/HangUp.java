package dev.selvage.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;

/**
 * Notices that a client closed its connection while a stream (watch, log) has nothing to write: HTTP/1.1 itself would
 * only learn it from the next write, and a quiet watch would hold its place for an hour.
 */
final class HangUp {
    private HangUp() {}

    static void watch(EndPoint endPoint, Runnable onHangUp) {
        endPoint.tryFillInterested(new Callback() {
            @Override
            public void succeeded() {
                try {
                    // Nothing may follow the request on this connection: it is marked "Connection: close".
                    ByteBuffer scrap = ByteBuffer.allocate(1024).limit(0);
                    int filled = endPoint.fill(scrap);
                    if (filled < 0) {
                        onHangUp.run();
                    } else {
                        watch(endPoint, onHangUp);
                    }
                } catch (IOException e) {
                    onHangUp.run();
                }
            }

            @Override
            public void failed(Throwable cause) {
                onHangUp.run();
            }
        });
    }
}
