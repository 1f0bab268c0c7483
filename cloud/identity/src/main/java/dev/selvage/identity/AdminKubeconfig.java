package dev.selvage.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** Writes the administrator's kubeconfig, which trusts every CA that is trusted: whoever reads it has all rights, so only its owner may. */
public final class AdminKubeconfig {
    private AdminKubeconfig() {}

    /** @param server {@code https://host:port} of the API */
    public static void write(Path file, String server, CertificateAuthority authority) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException("a file needs a directory: " + file);
        }
        Files.createDirectories(directory);
        Path next = directory.resolve(file.getFileName() + ".tmp");
        Files.deleteIfExists(next);
        Files.createFile(next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(next, text(server, authority));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static String text(String server, CertificateAuthority authority) {
        KeyAndChain admin = authority.issueAdmin();
        return """
                apiVersion: v1
                kind: Config
                clusters:
                - name: selvage
                  cluster:
                    server: %s
                    certificate-authority-data: %s
                users:
                - name: admin
                  user:
                    client-certificate-data: %s
                    client-key-data: %s
                contexts:
                - name: selvage
                  context:
                    cluster: selvage
                    user: admin
                current-context: selvage
                """.formatted(
                server,
                base64(authority.trusted().stream().map(AdminKubeconfig::pem).collect(Collectors.joining())),
                base64(pem(admin.certificate())),
                base64(pem("EC PRIVATE KEY", sec1(admin))));
    }

    private static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate cannot be encoded", e);
        }
    }

    private static String pem(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    /** RFC 5915 with its curve named: fabric8's client takes a PKCS#8 key for RSA. */
    private static byte[] sec1(KeyAndChain keys) {
        try {
            var point = SubjectPublicKeyInfo.getInstance(
                    keys.certificate().getPublicKey().getEncoded());
            return new ECPrivateKey(
                            256,
                            ((java.security.interfaces.ECPrivateKey) keys.key()).getS(),
                            point.getPublicKeyData(),
                            SECObjectIdentifiers.secp256r1)
                    .getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("an EC key cannot be encoded", e);
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
