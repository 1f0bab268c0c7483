package dev.selvage.hub;

import dev.selvage.link.FrameException;
import dev.selvage.link.Frames;
import dev.selvage.link.LinkProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** Frames out of the byte stream, as arrays. What a peer may send at most depends on who it is. */
final class FrameDecoder extends ByteToMessageDecoder {
    private static final int HEADER = 4;

    private volatile int maxFrame = LinkProtocol.MAX_SHORT_FRAME;

    /** For a peer that has proved to be a node. */
    void allow(int bytes) {
        maxFrame = bytes;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws FrameException {
        if (in.readableBytes() < HEADER) {
            return;
        }
        int size = Frames.checkSize(in.getInt(in.readerIndex()), maxFrame);
        if (in.readableBytes() < HEADER + size) {
            return;
        }
        in.skipBytes(HEADER);
        byte[] body = new byte[size];
        in.readBytes(body);
        out.add(body);
    }

    @Override
    protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        super.decodeLast(context, in, out);
        if (in.isReadable()) {
            int left = in.readableBytes();
            in.skipBytes(left);
            throw Frames.truncated(left);
        }
    }
}
