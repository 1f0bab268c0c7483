package dev.selvage.e2e;

import dev.selvage.link.Frames;
import dev.selvage.link.Hello;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.NodeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A key and a certificate of an authority that is not the centre's, made with the JDK's keytool. */
record ForeignCertificate(KeyStore store) {
    private static final String PASSWORD = "foreign";

    static ForeignCertificate make(Path directory, String subject) throws IOException, GeneralSecurityException {
        Path file = Files.createDirectories(directory).resolve("foreign.p12");
        new Command(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "foreign",
                        "-keyalg",
                        "EC",
                        "-dname",
                        subject,
                        "-ext",
                        "EKU=clientAuth",
                        "-keystore",
                        file.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD))
                .run(Duration.ofSeconds(30))
                .succeeded();
        return new ForeignCertificate(KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray()));
    }

    byte[] certificatePem() throws GeneralSecurityException {
        return pem("CERTIFICATE", store.getCertificate("foreign").getEncoded());
    }

    byte[] keyPem() throws GeneralSecurityException {
        return pem(
                "PRIVATE KEY", store.getKey("foreign", PASSWORD.toCharArray()).getEncoded());
    }

    private static byte[] pem(String type, byte[] der) {
        return ("-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                        + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Says hello to a hub as that node, and returns its answer. */
    HubMessage hello(int hubPort, String node) throws IOException, GeneralSecurityException {
        try (SSLSocket socket = (SSLSocket) context().getSocketFactory().createSocket("127.0.0.1", hubPort)) {
            socket.setSoTimeout(20_000);
            var parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {LinkProtocol.ALPN});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            Frames.write(
                    socket.getOutputStream(),
                    NodeMessage.newBuilder()
                            .setHello(Hello.newBuilder()
                                    .setProtocol(LinkProtocol.VERSION)
                                    .setNode(node))
                            .build());
            return HubMessage.parseFrom(Frames.readBody(socket.getInputStream(), LinkProtocol.MAX_FRAME)
                    .orElseThrow());
        }
    }

    private SSLContext context() throws GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, PASSWORD.toCharArray());
        KeyManager[] managers = keys.getKeyManagers();
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(managers, new TrustManager[] {new AnyServer()}, null);
        return context;
    }

    /** An attacker does not mind who it talks to. */
    private static final class AnyServer implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
