package dev.selvage.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Certificate requests, right and wrong. */
final class TestRequests {
    private TestRequests() {}

    static byte[] request(String node, KeyPair subject, KeyPair signer) throws GeneralSecurityException {
        try {
            var builder = new JcaPKCS10CertificationRequestBuilder(
                    Issuer.name(CertificateAuthority.NODES, CertificateAuthority.NODE_PREFIX + node),
                    subject.getPublic());
            return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()))
                    .getEncoded();
        } catch (OperatorCreationException | IOException e) {
            throw new GeneralSecurityException(e);
        }
    }
}
