package dev.selvage.fuzz;

import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Lanes;
import dev.selvage.lanes.LanesConfig;
import dev.selvage.link.Beat;
import dev.selvage.link.FrameException;
import dev.selvage.link.Frames;
import dev.selvage.link.HubMessage;
import dev.selvage.session.Enrollment;
import dev.selvage.session.HubAddress;
import dev.selvage.session.IdentityFile;
import dev.selvage.session.LinkSession;
import dev.selvage.session.SessionConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;

/** The node's end of the link before a hub that lies: whatever it says, the node comes back soon, and holds no more than before. */
public final class NodeDoor implements Door {
    private static final int BACK_WITHIN_SECONDS = 20;

    private final LyingHub hub = new LyingHub();
    private final Lanes lanes;
    private final MemorySlice slice = new MemorySlice();
    private final LinkSession session;

    public NodeDoor(Path directory) throws IOException, GeneralSecurityException {
        Path home = Files.createTempDirectory(Files.createDirectories(directory), "node");
        lanes = Lanes.open(home.resolve("lanes"), LanesConfig.standard());
        var config = SessionConfig.of(List.of(HubAddress.parse("127.0.0.1:" + hub.port())), "fuzz")
                .withBackoff(Duration.ofMillis(1), Duration.ofMillis(20))
                .withConnectTimeout(Duration.ofSeconds(10));
        var identity = new IdentityFile(home.resolve("identity"));
        Enrollment.enroll(config, identity, hub.fingerprint(), "fuzz.fuzz", "edge-fuzz", Map.of());
        session = new LinkSession(
                config,
                identity,
                slice,
                lanes,
                (request, out) -> out.write("a line\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                slice);
        session.start();
    }

    @Override
    public String name() {
        return "node";
    }

    @Override
    public Duration patience() {
        return Duration.ofSeconds(60);
    }

    @Override
    public String attempt(Draw draw) throws Exception {
        lanes.appendDurable(Lane.LIVE, draw.bytes(50));
        byte[] script = draw.sent(script(draw));
        try (SSLSocket socket = hub.next(BACK_WITHIN_SECONDS)) {
            OutputStream out = socket.getOutputStream();
            out.write(script);
            out.flush();
            return heard(socket, draw.chance(20));
        } catch (java.net.SocketException | javax.net.ssl.SSLException e) {
            return "hung up";
        }
    }

    private static byte[] script(Draw draw) {
        ByteArrayOutputStream script = new ByteArrayOutputStream();
        if (draw.chance(85)) {
            var welcome = LinkInputs.welcome(draw);
            if (draw.chance(70)) { // else the lies behind it are never heard
                welcome.clearLanes()
                        .setHeartbeatMillis(1_000)
                        .setSilenceMillis(30_000)
                        .setHubTimeMillis(System.currentTimeMillis());
            }
            script.writeBytes(
                    Frames.encode(HubMessage.newBuilder().setWelcome(welcome).build()));
        }
        if (draw.chance(5)) {
            byte[] frame = Frames.encode(HubMessage.newBuilder()
                    .setBeat(Beat.newBuilder().setHubTimeMillis(1))
                    .build());
            for (int n = draw.below(2_000); n > 0; n--) {
                script.writeBytes(frame);
            }
        }
        for (int n = draw.below(5); n > 0; n--) {
            script.writeBytes(LinkInputs.bytes(draw, false));
        }
        return script.toByteArray();
    }

    /** What the node says until it hangs up, or for a moment. */
    private static String heard(SSLSocket socket, boolean long_) throws IOException {
        socket.setSoTimeout(long_ ? 60 : 10);
        int messages = 0;
        try {
            while (messages < 200) {
                Frames.readNode(socket.getInputStream());
                messages++;
            }
            return "talks on";
        } catch (SocketTimeoutException e) {
            return messages == 0 ? "silent" : "answered";
        } catch (java.io.EOFException e) {
            return messages == 0 ? "hung up" : "answered and hung up";
        } catch (FrameException e) {
            // it may hang up in the middle of what it says, but all that it says is well formed
            if (e.reason() != FrameException.Reason.TRUNCATED) {
                throw e;
            }
            return "hung up in a frame";
        }
    }

    @Override
    public void close() throws IOException {
        session.close();
        lanes.close();
        hub.close();
    }
}
