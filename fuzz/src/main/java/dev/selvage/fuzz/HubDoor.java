package dev.selvage.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.link.Frames;
import dev.selvage.link.Hello;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.NodeMessage;
import dev.selvage.model.Json;
import dev.selvage.session.Enrollment;
import dev.selvage.session.HubAddress;
import dev.selvage.session.IdentityFile;
import dev.selvage.session.NodeIdentity;
import dev.selvage.session.SessionConfig;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** The hub: bytes before TLS, in it, and from a node that has enrolled and lies. Every connection ends, and the hub serves the next. */
public final class HubDoor implements Door {
    private static final String NODE = "edge-fuzz";

    private final Installed centre;
    private final SSLContext anonymous;
    private final SSLContext node;

    public HubDoor(Installed centre, Path directory)
            throws IOException, GeneralSecurityException, InterruptedException {
        this.centre = centre;
        Certificate authority = centre.kubeconfig().authority().iterator().next();
        NodeIdentity identity = enroll(authority, Files.createTempDirectory(Files.createDirectories(directory), "hub"));
        anonymous = context(authority, null);
        node = context(authority, identity);
    }

    private NodeIdentity enroll(Certificate authority, Path home)
            throws IOException, GeneralSecurityException, InterruptedException {
        String name = "fuzz-" + Long.toHexString(System.nanoTime());
        ObjectNode token =
                Json.object().put("apiVersion", "selvage.dev/v1alpha1").put("kind", "JoinToken");
        token.putObject("metadata").put("name", name);
        token.putObject("spec")
                .put("tokenHash", sha256("a-secret-for-fuzzing".getBytes(StandardCharsets.US_ASCII)))
                .put(
                        "expiresAt",
                        Instant.now()
                                .plusSeconds(600)
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString());
        centre.create("/apis/selvage.dev/v1alpha1/jointokens", token);
        return Enrollment.enroll(
                SessionConfig.of(List.of(HubAddress.parse("127.0.0.1:" + centre.hubPort())), "fuzz"),
                new IdentityFile(home),
                sha256(authority.getEncoded()),
                name + ".a-secret-for-fuzzing",
                NODE,
                Map.of());
    }

    private static String sha256(byte[] bytes) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static SSLContext context(Certificate authority, @org.jspecify.annotations.Nullable NodeIdentity identity)
            throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", authority);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        if (identity != null) {
            own.setKeyEntry(
                    "node", identity.key(), new char[0], identity.chain().toArray(Certificate[]::new));
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    @Override
    public String name() {
        return "hub";
    }

    @Override
    public Duration patience() {
        return Duration.ofSeconds(60);
    }

    @Override
    public String attempt(Draw draw) throws Exception {
        return switch (draw.below(8)) {
            case 0 -> plain(draw);
            case 1, 2 -> inside(draw, anonymous, false);
            case 3 -> inside(draw, node, false);
            default -> inside(draw, node, true);
        };
    }

    /** Bytes that are no TLS. */
    private String plain(Draw draw) throws IOException {
        byte[] bytes = draw.sent(draw.bytes(1 + draw.below(600)));
        if (draw.chance(50)) {
            bytes[0] = 22; // a TLS handshake record, version and length to follow
            bytes[Math.min(1, bytes.length - 1)] = 3;
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), centre.hubPort())) {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
            socket.setSoTimeout(20_000);
            return "plain " + (socket.getInputStream().readAllBytes().length == 0 ? "closed" : "alert");
        } catch (SocketException e) {
            return "plain closed";
        }
    }

    private String inside(Draw draw, SSLContext context, boolean greeted) throws IOException, BrokenException {
        String as = greeted ? "session" : context.equals(node) ? "node" : "anonymous";
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", centre.hubPort())) {
            socket.setSoTimeout(30_000);
            var parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {LinkProtocol.ALPN});
            socket.setSSLParameters(parameters);
            if (greeted) {
                greet(socket);
            }
            byte[] bytes = draw.sent(LinkInputs.bytes(draw, true));
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            socket.setSoTimeout(15);
            return as + " " + heard(socket);
        } catch (EOFException | SocketException | SSLException e) {
            return as + " cut off";
        }
    }

    private static void greet(SSLSocket socket) throws IOException, BrokenException {
        Frames.write(
                socket.getOutputStream(),
                NodeMessage.newBuilder()
                        .setHello(Hello.newBuilder().setProtocol(1).setNode(NODE))
                        .build());
        HubMessage answer = Frames.readHub(socket.getInputStream());
        switch (answer.getMessageCase()) {
            case WELCOME, COME_BACK -> {}
            case REFUSED -> {
                if (answer.getRefused().getRetryAfterMillis() == 0) {
                    throw new BrokenException("the hub refuses a node that is in order: "
                            + answer.getRefused().getCode().name());
                }
            }
            default -> throw new BrokenException("the hub answers a Hello with " + answer.getMessageCase());
        }
    }

    private static String heard(SSLSocket socket) throws IOException {
        for (int messages = 0; messages < 50; messages++) {
            try {
                if (Frames.readHub(socket.getInputStream()).getMessageCase() == HubMessage.MessageCase.REFUSED) {
                    return "refused";
                }
            } catch (SocketTimeoutException e) {
                return "goes on";
            }
        }
        return "talks";
    }

    @Override
    public long heap() {
        return centre.centreHeap();
    }

    @Override
    public long heapGrowth() {
        return 48L << 20;
    }
}
