package dev.selvage.store;

import java.time.Duration;

/** A running watch; for one reader. It holds no buffer of its own: a reader that falls behind the kept changes gets Expired. */
public interface WatchStream extends AutoCloseable {
    /**
     * The next event; a Bookmark when nothing happens for {@code wait}. After Expired, or once closed, always Expired.
     *
     * @throws StoreUnavailableException when changes older than the cache cannot be read now; calling again is safe
     */
    WatchEvent next(Duration wait) throws InterruptedException;

    /** Wakes a reader. */
    @Override
    void close();
}
