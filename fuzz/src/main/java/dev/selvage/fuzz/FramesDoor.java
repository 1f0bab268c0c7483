package dev.selvage.fuzz;

import com.google.protobuf.MessageLite;
import dev.selvage.link.FrameException;
import dev.selvage.link.Frames;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;

/** The frame codec and the messages in it, as both ends read them: a message comes out or a {@link FrameException} that says why. */
public final class FramesDoor implements Door {
    @Override
    public String name() {
        return "frames";
    }

    @Override
    public String attempt(Draw draw) throws BrokenException, IOException {
        byte[] bytes = draw.sent(LinkInputs.bytes(draw, draw.chance(50)));
        var in = new ByteArrayInputStream(bytes);
        boolean node = draw.chance(50);
        int messages = 0;
        try {
            while (true) {
                MessageLite message = node ? Frames.readNode(in) : Frames.readHub(in);
                messages++;
                if (message.getSerializedSize() > bytes.length * 2L) {
                    throw new BrokenException(
                            "a message of " + message.getSerializedSize() + " bytes out of " + bytes.length);
                }
            }
        } catch (FrameException e) {
            return e.reason().name();
        } catch (EOFException e) {
            return messages == 0 ? "nothing" : "message";
        }
    }
}
