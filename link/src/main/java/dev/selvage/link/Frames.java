package dev.selvage.link;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import dev.selvage.link.FrameException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * Frame codec: four bytes of length, big-endian, then one protobuf message. The body's size is bounded before anything is allocated.
 */
public final class Frames {
    static final int HEADER = 4;

    private Frames() {}

    /** The whole frame of {@code message}; one array, so that it becomes one write and one TLS record where it fits. */
    public static byte[] encode(MessageLite message) {
        int size = message.getSerializedSize();
        if (size == 0 || size > LinkProtocol.MAX_FRAME) {
            throw new IllegalArgumentException(
                    "a frame holds 1 to " + LinkProtocol.MAX_FRAME + " bytes, this message has " + size);
        }
        byte[] frame = new byte[HEADER + size];
        frame[0] = (byte) (size >>> 24);
        frame[1] = (byte) (size >>> 16);
        frame[2] = (byte) (size >>> 8);
        frame[3] = (byte) size;
        try {
            var out = com.google.protobuf.CodedOutputStream.newInstance(frame, HEADER, size);
            message.writeTo(out);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new IllegalStateException("a byte array refused to be written", e);
        }
        return frame;
    }

    public static void write(OutputStream out, MessageLite message) throws IOException {
        out.write(encode(message));
        out.flush();
    }

    /** Reads one frame's body; empty at a clean end, between two frames. */
    public static Optional<byte[]> readBody(InputStream in, int maxBytes) throws IOException {
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        byte[] rest = in.readNBytes(HEADER - 1);
        if (rest.length < HEADER - 1) {
            throw new FrameException(
                    Reason.TRUNCATED,
                    "the connection ended inside a frame's length, after " + (1 + rest.length) + " bytes");
        }
        int size = checkSize(
                (first << 24) | ((rest[0] & 0xff) << 16) | ((rest[1] & 0xff) << 8) | (rest[2] & 0xff), maxBytes);
        byte[] body = in.readNBytes(size);
        if (body.length < size) {
            throw new FrameException(
                    Reason.TRUNCATED,
                    "the connection ended inside a frame, after " + body.length + " of " + size + " bytes");
        }
        return Optional.of(body);
    }

    /** The length a frame's header names, if it is acceptable. */
    public static int checkSize(int size, int maxBytes) throws FrameException {
        if (size == 0) {
            throw new FrameException(Reason.EMPTY, "a frame of length 0, accepted are 1 to " + maxBytes);
        }
        if (size < 0 || size > maxBytes) {
            throw new FrameException(
                    Reason.OVERSIZED,
                    "a frame of length " + Integer.toUnsignedString(size) + ", accepted are 1 to " + maxBytes);
        }
        return size;
    }

    /** The stream ended with {@code left} bytes of a frame that is not whole. */
    public static FrameException truncated(int left) {
        return new FrameException(
                Reason.TRUNCATED, "the connection ended inside a frame, after " + left + " bytes of it");
    }

    /** What a hub receives. */
    public static NodeMessage parseNode(byte[] body) throws IOException {
        try {
            checkElements(body);
            NodeMessage message = NodeMessage.parseFrom(body);
            if (message.getMessageCase() == NodeMessage.MessageCase.MESSAGE_NOT_SET) {
                throw unknown(body);
            }
            return message;
        } catch (InvalidProtocolBufferException e) {
            throw malformed(body, e);
        }
    }

    /** A frame of a thousand thousand empty elements would be small, and large in memory: they are counted before any is made. */
    private static void checkElements(byte[] body) throws IOException {
        var in = CodedInputStream.newInstance(body);
        int elements = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                in.skipField(tag);
                continue;
            }
            int outer = in.pushLimit(in.readRawVarint32());
            for (int field = in.readTag(); field != 0; field = in.readTag()) {
                if (++elements > LinkProtocol.MAX_ELEMENTS) {
                    throw new FrameException(
                            Reason.OVERSIZED, "a message of more than " + LinkProtocol.MAX_ELEMENTS + " elements");
                }
                in.skipField(field);
            }
            in.popLimit(outer);
        }
    }

    /** What a node receives. */
    public static HubMessage parseHub(byte[] body) throws FrameException {
        try {
            HubMessage message = HubMessage.parseFrom(body);
            if (message.getMessageCase() == HubMessage.MessageCase.MESSAGE_NOT_SET) {
                throw unknown(body);
            }
            return message;
        } catch (InvalidProtocolBufferException e) {
            throw malformed(body, e);
        }
    }

    /** @throws EOFException at a clean end */
    public static HubMessage readHub(InputStream in) throws IOException {
        return parseHub(readBody(in, LinkProtocol.MAX_FRAME)
                .orElseThrow(() -> new EOFException("the hub closed the connection")));
    }

    /** @throws EOFException at a clean end */
    public static NodeMessage readNode(InputStream in) throws IOException {
        return parseNode(readBody(in, LinkProtocol.MAX_FRAME)
                .orElseThrow(() -> new EOFException("the node closed the connection")));
    }

    private static FrameException unknown(byte[] body) {
        return new FrameException(
                Reason.UNKNOWN_MESSAGE,
                "a message of " + body.length + " bytes that protocol " + LinkProtocol.VERSION + " does not know");
    }

    private static FrameException malformed(byte[] body, InvalidProtocolBufferException e) {
        return new FrameException(
                Reason.MALFORMED, "a message of " + body.length + " bytes is not valid protobuf: " + e.getMessage(), e);
    }
}
