package dev.selvage.session;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Textual encoding of keys and certificates (RFC 7468). */
final class Pem {
    static final String PRIVATE_KEY = "PRIVATE KEY";
    static final String PUBLIC_KEY = "PUBLIC KEY";
    static final String CERTIFICATE = "CERTIFICATE";

    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    static String encode(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    /** The contents of every block with that label, in order. */
    static List<byte[]> decode(String label, String text) {
        String begin = "-----BEGIN " + label + "-----";
        String end = "-----END " + label + "-----";
        List<byte[]> blocks = new ArrayList<>();
        int from = text.indexOf(begin);
        while (from >= 0) {
            int to = text.indexOf(end, from);
            if (to < 0) {
                throw new IllegalArgumentException("PEM: a block " + label + " without its end");
            }
            blocks.add(Base64.getMimeDecoder()
                    .decode(text.substring(from + begin.length(), to).getBytes(StandardCharsets.US_ASCII)));
            from = text.indexOf(begin, to);
        }
        return blocks;
    }

    static X509Certificate certificate(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    static List<X509Certificate> certificates(List<byte[]> ders) throws CertificateException {
        List<X509Certificate> certificates = new ArrayList<>(ders.size());
        for (byte[] der : ders) {
            certificates.add(certificate(der));
        }
        return certificates;
    }
}
