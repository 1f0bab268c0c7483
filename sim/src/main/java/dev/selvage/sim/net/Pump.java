package dev.selvage.sim.net;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** One direction of a conversation: a thread reads messages, another applies the faults and passes them on when they are due. */
final class Pump {
    private static final int QUEUED = 64;

    private final Direction direction;
    private final Socket from;
    private final Socket to;
    private final Conversation conversation;
    private final FaultProxy proxy;
    private final BlockingQueue<Message> queue = new ArrayBlockingQueue<>(QUEUED);
    private final Thread reader;
    private final Thread writer;
    private volatile int messages;

    /** @param bytes none at the end */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    private record Message(byte[] bytes, long arrivedNanos) {}

    Pump(Direction direction, Socket from, Socket to, Conversation conversation, FaultProxy proxy) {
        this.direction = direction;
        this.from = from;
        this.to = to;
        this.conversation = conversation;
        this.proxy = proxy;
        this.reader = Thread.ofVirtual().name("proxy-read-" + direction).unstarted(this::read);
        this.writer = Thread.ofVirtual().name("proxy-write-" + direction).unstarted(this::write);
    }

    void start() {
        reader.start();
        writer.start();
    }

    void join() throws InterruptedException {
        reader.join();
        writer.join();
    }

    /** How many have come to be passed on. */
    int messages() {
        return messages;
    }

    private void read() {
        try {
            byte[] bytes;
            do {
                bytes = next();
                queue.put(new Message(bytes, System.nanoTime()));
            } while (bytes.length > 0);
        } catch (InterruptedException e) {
            conversation.close();
        }
    }

    private byte[] next() {
        try {
            return proxy.framing().next(from.getInputStream());
        } catch (IOException e) {
            return new byte[0];
        }
    }

    private void write() {
        try {
            while (true) {
                Message message = queue.take();
                if (message.bytes().length == 0) {
                    end();
                    return;
                }
                if (!conversation.dark()) {
                    pass(message);
                }
            }
        } catch (IOException e) {
            drain();
        } catch (InterruptedException e) {
            conversation.close();
        }
    }

    private void pass(Message message) throws IOException, InterruptedException {
        Line line = proxy.line();
        Duration age = Duration.ofNanos(System.nanoTime() - message.arrivedNanos());
        sleep(line.delay().minus(age));
        sleep(line.transmission(message.bytes().length));
        int number = messages;
        var fault = proxy.plan().take(direction, number);
        messages = number + 1;
        if (fault.isPresent()) {
            suffer(fault.get(), message.bytes());
        } else {
            send(message.bytes(), message.bytes().length);
        }
    }

    private void suffer(Fault fault, byte[] bytes) throws IOException, InterruptedException {
        switch (fault) {
            case Fault.Stall(Duration time) -> {
                sleep(time);
                send(bytes, bytes.length);
            }
            case Fault.Corrupt() -> {
                int at = bytes.length > Framing.HEADER ? Framing.HEADER + (bytes.length - Framing.HEADER) / 2 : 0;
                bytes[at] ^= 1;
                send(bytes, bytes.length);
            }
            case Fault.Cut(int count) -> {
                send(bytes, Math.min(count, bytes.length));
                conversation.reset();
            }
            case Fault.Reset() -> conversation.reset();
            case Fault.Close() -> conversation.close();
            case Fault.HalfOpen() -> conversation.goDark();
        }
    }

    private void send(byte[] bytes, int count) throws IOException {
        if (!conversation.dark()) {
            to.getOutputStream().write(bytes, 0, count);
        }
    }

    private static void sleep(Duration time) throws InterruptedException {
        if (time.isPositive()) {
            Thread.sleep(time);
        }
    }

    /** The sender's end is passed on, unless nobody is to learn of it, or it is the proxy that ended: a reset must not come as an orderly end. */
    private void end() {
        if (!conversation.dark() && !conversation.closed()) {
            try {
                to.shutdownOutput();
            } catch (IOException e) {
                conversation.close();
            }
        }
    }

    /** So that the reader, which may wait for room, comes to its end. */
    private void drain() {
        if (!conversation.dark()) {
            conversation.close();
        }
        try {
            while (queue.take().bytes().length > 0) {}
        } catch (InterruptedException e) {
            conversation.close();
        }
    }
}
