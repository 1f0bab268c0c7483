package dev.selvage.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.selvage.link.FrameException.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Design "Link": "The frame codec is small, versioned, bounded in size, and fuzzed." */
class FramesTest {
    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        var out = new ByteArrayOutputStream();
        Frames.write(out, hello("edge-1"));
        Frames.write(out, heartbeat());
        var in = new ByteArrayInputStream(out.toByteArray());
        assertThat(Frames.readNode(in)).isEqualTo(hello("edge-1"));
        assertThat(Frames.readNode(in)).isEqualTo(heartbeat());
        assertThatThrownBy(() -> Frames.readNode(in)).isInstanceOf(EOFException.class);
    }

    @Test
    void anIdleHeartbeatCostsEightBytes() {
        assertThat(Frames.encode(heartbeat())).hasSizeLessThanOrEqualTo(8);
    }

    @Test
    void anOversizedLengthIsRefusedBeforeAnythingIsAllocated() {
        for (int size : new int[] {LinkProtocol.MAX_FRAME + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
            byte[] header = {(byte) (size >>> 24), (byte) (size >>> 16), (byte) (size >>> 8), (byte) size};
            assertReason(header, Reason.OVERSIZED);
        }
    }

    @Test
    void aFrameCutAtAnyByteIsTruncatedExceptBeforeItsFirst() throws IOException {
        byte[] frame = Frames.encode(hello("edge-1"));
        for (int cut = 1; cut < frame.length; cut++) {
            assertReason(Arrays.copyOf(frame, cut), Reason.TRUNCATED);
        }
        assertThat(Frames.readBody(new ByteArrayInputStream(new byte[0]), 10)).isEmpty();
    }

    @Test
    void anEmptyFrameAnUnknownMessageAndAMalformedOneAreNamed() {
        assertReason(new byte[] {0, 0, 0, 0}, Reason.EMPTY);
        // Field 1000, varint 1: valid protobuf that version 1 does not know.
        assertReason(new byte[] {0, 0, 0, 3, (byte) 0xc0, 0x3e, 1}, Reason.UNKNOWN_MESSAGE);
        assertReason(new byte[] {0, 0, 0, 2, 0x0a, 0x7f}, Reason.MALFORMED);
    }

    @Test
    void aMessageThatFitsNoFrameIsNotEncoded() {
        var data = StreamData.newBuilder().setData(ByteString.copyFrom(new byte[LinkProtocol.MAX_FRAME]));
        assertThatThrownBy(() -> Frames.encode(
                        NodeMessage.newBuilder().setStreamData(data).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4194304");
    }

    @Test
    void randomBytesEndInAMessageOrAFrameExceptionAndNothingElse() throws IOException {
        var random = new Random(20261121);
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            if (bytes.length > 4) {
                Arrays.fill(bytes, 0, 3, (byte) 0);
                bytes[3] = (byte) random.nextInt(bytes.length);
            }
            decodeAll(bytes);
        }
    }

    @Test
    void mutatedFramesEndInAMessageOrAFrameExceptionAndNothingElse() throws IOException {
        var random = new Random(7);
        byte[] frame = Frames.encode(richHello());
        for (int round = 0; round < 100_000; round++) {
            byte[] bytes = frame.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            decodeAll(random.nextBoolean() ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        }
    }

    private static void decodeAll(byte[] bytes) throws IOException {
        for (boolean node : new boolean[] {true, false}) {
            var in = new ByteArrayInputStream(bytes);
            try {
                while (true) {
                    var message = node ? Frames.readNode(in) : Frames.readHub(in);
                    assertThat(message.getSerializedSize()).isLessThanOrEqualTo(LinkProtocol.MAX_FRAME);
                }
            } catch (EOFException | FrameException expected) {
                assertThat(expected).hasMessageContaining(" ");
            }
        }
    }

    private static void assertReason(byte[] bytes, Reason reason) {
        assertThatThrownBy(() -> Frames.readNode(new ByteArrayInputStream(bytes)))
                .isInstanceOfSatisfying(
                        FrameException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private static NodeMessage heartbeat() {
        return NodeMessage.newBuilder()
                .setHeartbeat(Heartbeat.getDefaultInstance())
                .build();
    }

    private static NodeMessage hello(String node) {
        return NodeMessage.newBuilder()
                .setHello(Hello.newBuilder().setProtocol(LinkProtocol.VERSION).setNode(node))
                .build();
    }

    private static NodeMessage richHello() {
        var hello = Hello.newBuilder()
                .setProtocol(1)
                .setNode("edge-1")
                .setIncarnation("a")
                .setRevision(1L << 40);
        for (int i = 0; i < 8; i++) {
            hello.addHeld(Held.newBuilder()
                    .setObject(ObjectRef.newBuilder()
                            .setResource("pods")
                            .setNamespace("cold")
                            .setName("p" + i))
                    .setUid("0b29c4ce")
                    .setRevision(i));
        }
        return NodeMessage.newBuilder().setHello(hello).build();
    }
}
