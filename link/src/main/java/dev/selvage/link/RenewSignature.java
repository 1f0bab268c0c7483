package dev.selvage.link;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;

/**
 * The proof in {@link RenewProof}: the old key signs the hub's nonce together with the new request, so that neither can be replayed nor exchanged.
 */
public final class RenewSignature {
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final byte[] CONTEXT = "selvage-renew-1".getBytes(StandardCharsets.US_ASCII);

    private RenewSignature() {}

    public static byte[] sign(PrivateKey old, String node, byte[] nonce, byte[] request)
            throws GeneralSecurityException {
        Signature signature = Signature.getInstance(ALGORITHM);
        signature.initSign(old);
        signature.update(content(node, nonce, request));
        return signature.sign();
    }

    public static boolean verify(PublicKey old, String node, byte[] nonce, byte[] request, byte[] proof)
            throws GeneralSecurityException {
        Signature signature = Signature.getInstance(ALGORITHM);
        signature.initVerify(old);
        signature.update(content(node, nonce, request));
        return signature.verify(proof);
    }

    private static byte[] content(String node, byte[] nonce, byte[] request) {
        var content = new ByteArrayOutputStream();
        content.writeBytes(CONTEXT);
        content.write(0);
        content.writeBytes(node.getBytes(StandardCharsets.UTF_8));
        content.write(0);
        content.writeBytes(nonce);
        content.writeBytes(request);
        return content.toByteArray();
    }
}
