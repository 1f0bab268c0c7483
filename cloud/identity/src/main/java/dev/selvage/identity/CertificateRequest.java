package dev.selvage.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/** Reads a PKCS#10 request (RFC 2986): the key it is for, if the request proves that its sender holds it. */
final class CertificateRequest {
    private static final int MAX_BYTES = 4096;

    private CertificateRequest() {}

    /** @throws InvalidRequestException saying what is wrong */
    static PublicKey verify(byte[] der, String node) throws InvalidRequestException {
        if (der.length == 0 || der.length > MAX_BYTES) {
            throw new InvalidRequestException(
                    "certificate request: found " + der.length + " bytes, accepted are 1 to " + MAX_BYTES);
        }
        try {
            var request = new PKCS10CertificationRequest(der);
            var subject = Issuer.name(CertificateAuthority.NODES, CertificateAuthority.NODE_PREFIX + node);
            if (!request.getSubject().equals(subject)) {
                throw new InvalidRequestException("certificate request: found subject \"" + request.getSubject()
                        + "\", accepted is \"" + subject + "\"");
            }
            PublicKey key = Keys.publicKey(request.getSubjectPublicKeyInfo().getEncoded());
            if (!(key instanceof ECPublicKey ec) || ec.getParams().getOrder().bitLength() != 256) {
                throw new InvalidRequestException(
                        "certificate request: found a key " + key.getAlgorithm() + ", accepted is EC P-256");
            }
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new InvalidRequestException(
                        "certificate request: its signature does not prove the key it is for");
            }
            return key;
        } catch (IOException | GeneralSecurityException | OperatorCreationException | PKCSException e) {
            throw new InvalidRequestException("certificate request: not PKCS#10 over a P-256 key: " + e.getMessage());
        } catch (RuntimeException e) {
            // BouncyCastle answers some malformed encodings with unchecked exceptions.
            throw new InvalidRequestException("certificate request: malformed: " + e.getMessage());
        }
    }

    /** The request cannot be answered with a certificate. */
    static final class InvalidRequestException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidRequestException(String message) {
            super(message);
        }
    }
}
