package dev.selvage.session;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;

/** A node's keys: P-256, and the certificate request over one (PKCS#10, RFC 2986). */
final class NodeKeys {
    private static final byte[] ECDSA_WITH_SHA256 = Der.oid(1, 2, 840, 10045, 4, 3, 2);
    private static final byte[] ORGANIZATION = Der.oid(2, 5, 4, 10);
    private static final byte[] COMMON_NAME = Der.oid(2, 5, 4, 3);

    private NodeKeys() {}

    static KeyPair generate() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no P-256", e);
        }
    }

    static PrivateKey privateKey(byte[] pkcs8) throws GeneralSecurityException {
        PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        if (!(key instanceof ECPrivateKey)) {
            throw new GeneralSecurityException("not an EC key: " + key.getAlgorithm());
        }
        return key;
    }

    static PublicKey publicKey(byte[] spki) throws GeneralSecurityException {
        return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki));
    }

    /** @throws GeneralSecurityException when the keys do not belong together: a damaged one would get a certificate that nobody can use */
    static void check(KeyPair keys) throws GeneralSecurityException {
        byte[] text = keys.getPublic().getEncoded();
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(keys.getPrivate());
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(keys.getPublic());
        signature.update(text);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the private key is not that of the public key");
        }
    }

    /** A request for {@code O=system:nodes, CN=system:node:NAME}, signed by the key it is for. */
    static byte[] request(String node, KeyPair keys) throws GeneralSecurityException {
        byte[] subject = Der.sequence(
                Der.set(Der.sequence(ORGANIZATION, Der.utf8("system:nodes"))),
                Der.set(Der.sequence(COMMON_NAME, Der.utf8("system:node:" + node))));
        byte[] info = Der.sequence(Der.integer(0), subject, keys.getPublic().getEncoded(), Der.context(0));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(keys.getPrivate());
        signature.update(info);
        return Der.sequence(info, Der.sequence(ECDSA_WITH_SHA256), Der.bitString(signature.sign()));
    }
}
