package dev.selvage.telemetry;

import java.time.Duration;
import java.util.List;

/** A live subscription with a bounded buffer; for one reader. */
public interface LiveFeed extends AutoCloseable {
    /**
     * @param points new points in the order of their commit; empty when nothing came for the wait
     * @param lost points that were dropped, oldest first, since the reader was too slow
     * @param closed the end
     */
    record Batch(List<Point> points, long lost, boolean closed) {}

    Batch next(Duration wait) throws InterruptedException;

    @Override
    void close();
}
