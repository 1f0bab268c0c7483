package dev.selvage.session;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.X509Certificate;

/** A certificate that is good for nothing but being kept in a file (RFC 5280, 4.1). */
final class SelfSigned {
    private SelfSigned() {}

    static X509Certificate of(KeyPair keys) throws GeneralSecurityException {
        byte[] ecdsaWithSha256 = Der.sequence(Der.oid(1, 2, 840, 10045, 4, 3, 2));
        byte[] name = Der.sequence(Der.set(Der.sequence(Der.oid(2, 5, 4, 3), Der.utf8("system:node:edge-1"))));
        byte[] body = Der.sequence(
                Der.context(0, Der.integer(2)),
                Der.integer(1),
                ecdsaWithSha256,
                name,
                Der.sequence(time("260101000000Z"), time("270101000000Z")),
                name,
                keys.getPublic().getEncoded());
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(keys.getPrivate());
        signature.update(body);
        return Pem.certificate(Der.sequence(body, ecdsaWithSha256, Der.bitString(signature.sign())));
    }

    private static byte[] time(String utc) {
        byte[] text = utc.getBytes(StandardCharsets.US_ASCII);
        byte[] time = new byte[text.length + 2];
        time[0] = 0x17;
        time[1] = (byte) text.length;
        System.arraycopy(text, 0, time, 2, text.length);
        return time;
    }
}
