package dev.selvage.containers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Streams over one blocking channel that may be read and written at once ({@code Channels} would let one wait for the other). */
final class ChannelStreams {
    private static final int BUFFER = 8 << 10;

    private ChannelStreams() {}

    static final class In extends InputStream {
        private final SocketChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);

        In(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read() throws IOException {
            return fill() ? buffer.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, buffer.remaining());
            buffer.get(into, offset, count);
            return count;
        }

        private boolean fill() throws IOException {
            if (buffer.hasRemaining()) {
                return true;
            }
            buffer.clear();
            int count = channel.read(buffer);
            buffer.flip();
            return count > 0;
        }
    }

    /** The other side takes no more. */
    static final class NotTakenException extends IOException {
        NotTakenException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    static final class Out extends OutputStream {
        private final SocketChannel channel;

        Out(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            int end = offset + length;
            for (int at = offset;
                    at < end;
                    at += BUFFER) { // a channel keeps a direct buffer as large as the largest write
                ByteBuffer part = ByteBuffer.wrap(from, at, Math.min(BUFFER, end - at));
                write(part);
            }
        }

        private void write(ByteBuffer part) throws NotTakenException {
            try {
                while (part.hasRemaining()) {
                    channel.write(part);
                }
            } catch (IOException e) {
                throw new NotTakenException(e);
            }
        }
    }
}
