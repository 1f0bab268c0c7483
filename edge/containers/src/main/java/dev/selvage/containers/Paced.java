package dev.selvage.containers;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.function.LongConsumer;

/** Gives a connection more time with each step of what is written to it, and tells how much it was. */
final class Paced extends FilterOutputStream {
    private static final long STEP = 1 << 20;

    private final EngineConnection connection;
    private final Duration each;
    private final LongConsumer progress;
    private long count;
    private long told;

    Paced(OutputStream out, EngineConnection connection, Duration each, LongConsumer progress) {
        super(out);
        this.connection = connection;
        this.each = each;
        this.progress = progress;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        out.write(from, offset, length);
        count += length;
        if (count - told >= STEP) {
            told = count;
            connection.limit(each);
            progress.accept(count);
        }
    }
}
