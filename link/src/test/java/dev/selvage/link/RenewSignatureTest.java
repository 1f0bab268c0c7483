package dev.selvage.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import org.junit.jupiter.api.Test;

/** Design "Link", Identity: "the node signs the hub's nonce with its old key". */
class RenewSignatureTest {
    @Test
    void theProofHoldsForItsNodeNonceAndRequestOnly() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        var keys = generator.generateKeyPair();
        byte[] nonce = {1, 2, 3};
        byte[] request = {4, 5, 6};
        byte[] proof = RenewSignature.sign(keys.getPrivate(), "edge-1", nonce, request);
        assertThat(RenewSignature.verify(keys.getPublic(), "edge-1", nonce, request, proof))
                .isTrue();
        assertThat(RenewSignature.verify(keys.getPublic(), "edge-2", nonce, request, proof))
                .isFalse();
        assertThat(RenewSignature.verify(keys.getPublic(), "edge-1", new byte[] {1, 2}, request, proof))
                .isFalse();
        assertThat(RenewSignature.verify(keys.getPublic(), "edge-1", nonce, new byte[] {4}, proof))
                .isFalse();
    }
}
