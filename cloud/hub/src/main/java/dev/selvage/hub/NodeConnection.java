package dev.selvage.hub;

import dev.selvage.identity.Machine;
import dev.selvage.identity.Peer;
import dev.selvage.link.FrameException;
import dev.selvage.link.Frames;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.NodeMessage;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One peer's connection, for blocking code on virtual threads. What has arrived and is not yet taken is bounded: beyond {@link #MAX_QUEUED_BYTES} the hub does not
 * read the socket, and TCP holds the peer back. A peer that does not read what the hub sends is cut off after a while.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel, and that ends this
final class NodeConnection extends SimpleChannelInboundHandler<byte[]> {
    static final int MAX_QUEUED_BYTES = 1024 * 1024;
    static final int MAX_QUEUED = 64;

    private final SocketChannel channel;
    private final FrameDecoder decoder;
    private final Duration stall;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
    private int queuedBytes;
    private @Nullable IOException end;
    private volatile @Nullable RateLimit rate;
    private volatile Peer peer = new Peer.Anonymous();

    NodeConnection(SocketChannel channel, FrameDecoder decoder, Duration stall) {
        this.channel = channel;
        this.decoder = decoder;
        this.stall = stall;
    }

    /** Who the peer is by its certificate. A node may send whole frames, anybody else short ones. */
    void judged(Peer judgement) {
        peer = judgement;
        if (judgement instanceof Peer.Node) {
            decoder.allow(LinkProtocol.MAX_FRAME);
        }
    }

    Peer peer() {
        return peer;
    }

    String address() {
        return String.valueOf(channel.remoteAddress());
    }

    /** What the peer says of its machine, and where it comes from. */
    Machine machine(dev.selvage.link.Machine said) {
        InetSocketAddress remote = channel.remoteAddress();
        String address = remote == null || remote.getAddress() == null
                ? "unknown"
                : remote.getAddress().getHostAddress();
        return new Machine(address, said.getHost(), said.getMachineId(), said.getDirectory());
    }

    /** Its address without the port. */
    String host() {
        return channel.remoteAddress() == null
                ? ""
                : channel.remoteAddress().getAddress().getHostAddress();
    }

    /** From now on the peer may send so many messages a second; one more ends the connection. */
    void limit(int messagesPerSecond) {
        rate = new RateLimit(messagesPerSecond);
    }

    int queuedBytes() {
        lock.lock();
        try {
            return queuedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** How many messages of the burst that it may send it has sent; 0 where there is no limit yet. */
    double spent() {
        RateLimit limit = rate;
        return limit == null ? 0 : limit.spent();
    }

    double burst() {
        RateLimit limit = rate;
        return limit == null ? 0 : limit.burst();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, byte[] body) {
        RateLimit limit = rate;
        if (limit != null && !limit.tryTake()) {
            end(PeerException.limit(Offence.FLOOD, "more messages a second than a node may send"));
            return;
        }
        lock.lock();
        try {
            queue.addLast(body);
            queuedBytes += body.length;
            if (full()) {
                channel.config().setAutoRead(false);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean full() {
        return queue.size() >= MAX_QUEUED || queuedBytes >= MAX_QUEUED_BYTES;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(PeerException.close("the peer closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable reason = cause.getCause() instanceof FrameException frame ? frame : cause;
        end(
                reason instanceof IOException io
                        ? io
                        : PeerException.close(reason.getClass().getSimpleName() + ": " + reason.getMessage()));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The first reason wins; everything that waits on this connection wakes. */
    void end(IOException reason) {
        lock.lock();
        try {
            if (end == null) {
                end = reason;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (!(reason instanceof PeerException peer && peer.refusal())) {
            channel.close();
        }
    }

    /**
     * The next message.
     *
     * @throws IOException why there is none: closed, ended, malformed, or nothing within {@code wait}
     */
    NodeMessage receive(Duration wait) throws IOException, InterruptedException {
        byte[] body = take(wait);
        return Frames.parseNode(body);
    }

    private byte[] take(Duration wait) throws IOException, InterruptedException {
        lock.lock();
        try {
            long left = wait.toNanos();
            while (queue.isEmpty()) {
                if (end != null) {
                    throw end;
                }
                if (left <= 0) {
                    throw PeerException.close("nothing was heard for " + wait.toMillis() + " ms");
                }
                left = changed.awaitNanos(left);
            }
            byte[] body = queue.removeFirst();
            queuedBytes -= body.length;
            if (!channel.config().isAutoRead() && !full()) {
                channel.config().setAutoRead(true);
            }
            return body;
        } finally {
            lock.unlock();
        }
    }

    /** Waits while the peer does not read; cuts it off when it does not for too long. */
    void send(HubMessage message) throws IOException, InterruptedException {
        lock.lock();
        try {
            long left = stall.toNanos();
            while (end == null && !channel.isWritable() && channel.isActive()) {
                if (left <= 0) {
                    IOException stalled = PeerException.caught(
                            Offence.DEAF, "the peer reads nothing for " + stall.toSeconds() + " s");
                    end(stalled);
                    throw stalled;
                }
                left = changed.awaitNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
            }
            if (end != null) {
                throw end;
            }
        } finally {
            lock.unlock();
        }
        channel.writeAndFlush(Unpooled.wrappedBuffer(Frames.encode(message)), channel.voidPromise());
    }

    /** Sends a last message and closes when it is out. */
    void farewell(HubMessage message) {
        ChannelFuture written = channel.writeAndFlush(Unpooled.wrappedBuffer(Frames.encode(message)));
        written.addListener(ChannelFutureListener.CLOSE);
        channel.eventLoop().schedule(() -> channel.close(), stall.toMillis(), TimeUnit.MILLISECONDS);
    }

    void close() {
        end(PeerException.close("closed by the hub"));
        channel.close();
    }
}
