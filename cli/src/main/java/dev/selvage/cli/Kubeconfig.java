package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The address, authority and client certificate out of a kubeconfig file. */
public record Kubeconfig(URI server, Collection<? extends Certificate> authority, SSLContext tls) {
    public static Kubeconfig read(Path file) {
        try {
            JsonNode config = Manifests.parse(Files.readString(file)).getFirst();
            JsonNode cluster = config.path("clusters").path(0).path("cluster");
            JsonNode user = config.path("users").path(0).path("user");
            Collection<? extends Certificate> authority = certificates(cluster, "certificate-authority-data");
            return new Kubeconfig(
                    URI.create(Json.textAt(cluster, "server")),
                    authority,
                    tls(authority, certificates(user, "client-certificate-data"), key(user)));
        } catch (IOException | GeneralSecurityException e) {
            throw new CommandFailed("cannot use the kubeconfig " + file + ": " + e.getMessage(), e);
        }
    }

    /** SHA-256 of the authority's certificate (DER), in hexadecimal. */
    String authorityFingerprint() {
        try {
            byte[] der = authority.iterator().next().getEncoded();
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(der));
        } catch (GeneralSecurityException e) {
            throw new CommandFailed("cannot read the authority's certificate: " + e.getMessage(), e);
        }
    }

    private static Collection<? extends Certificate> certificates(JsonNode node, String field)
            throws GeneralSecurityException {
        byte[] pem = Base64.getDecoder().decode(Json.textAt(node, field));
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
    }

    private static PrivateKey key(JsonNode user) throws GeneralSecurityException {
        String pem =
                new String(Base64.getDecoder().decode(Json.textAt(user, "client-key-data")), StandardCharsets.US_ASCII);
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        byte[] pkcs8 = pem.contains("EC PRIVATE KEY") ? pkcs8(der) : der;
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    /** Wraps an ECPrivateKey on P-256 (RFC 5915) into a PrivateKeyInfo (RFC 5208), the only form that the JDK reads. */
    private static byte[] pkcs8(byte[] key) {
        byte[] algorithm = HexFormat.of().parseHex("301306072a8648ce3d020106082a8648ce3d030107");
        byte[] version = {2, 1, 0};
        byte[] octets = der(0x04, key);
        ByteBuffer content = ByteBuffer.allocate(version.length + algorithm.length + octets.length);
        return der(0x30, content.put(version).put(algorithm).put(octets).array());
    }

    /** Tag, length (X.690, 8.1.3) and content. */
    private static byte[] der(int tag, byte[] content) {
        byte[] length = content.length < 128
                ? new byte[] {(byte) content.length}
                : content.length < 256
                        ? new byte[] {(byte) 0x81, (byte) content.length}
                        : new byte[] {(byte) 0x82, (byte) (content.length >> 8), (byte) content.length};
        return ByteBuffer.allocate(1 + length.length + content.length)
                .put((byte) tag)
                .put(length)
                .put(content)
                .array();
    }

    private static SSLContext tls(
            Collection<? extends Certificate> authority, Collection<? extends Certificate> chain, PrivateKey key)
            throws GeneralSecurityException, IOException {
        KeyStore trusted = emptyStore();
        int number = 0;
        for (Certificate certificate : authority) {
            trusted.setCertificateEntry("ca" + number++, certificate);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyStore own = emptyStore();
        own.setKeyEntry("client", key, new char[0], chain.toArray(new Certificate[0]));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
