package dev.selvage.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Design "The house": the composition root. */
class CentreTest {
    @TempDir
    Path home;

    /** RFC 9110, 4.3.4: clients compare the certificate with the name that they asked. */
    @Test
    void itsCertificateIsForTheAddressThatItListensOn() throws Exception {
        var options = ServerOptions.parse(
                "--home",
                home.toString(),
                "--listen",
                "127.0.0.2",
                "--api-port",
                "0",
                "--hub-port",
                "0",
                "--database-port",
                "0");
        try (Centre centre = Centre.start(options)) {
            assertThat(centre).isNotNull();
            String kubeconfig = Files.readString(home.resolve("kubeconfig"));
            String server = first(kubeconfig, "server: (\\S+)");
            assertThat(server).startsWith("https://127.0.0.2:");
            try (var client = java.net.http.HttpClient.newBuilder()
                    .sslContext(trusting(first(kubeconfig, "certificate-authority-data: (\\S+)")))
                    .build()) {
                var request = java.net.http.HttpRequest.newBuilder(java.net.URI.create(server + "/healthz"))
                        .build();
                assertThat(client.send(request, java.net.http.HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(200);
                var ready = java.net.http.HttpRequest.newBuilder(java.net.URI.create(server + "/readyz?verbose"))
                        .build();
                assertThat(client.send(ready, java.net.http.HttpResponse.BodyHandlers.ofString())
                                .body())
                        .isEqualTo("""
                                [+]ping ok
                                [+]threads ok
                                [+]hub ok
                                [+]store ok
                                [+]certificate ok
                                [+]shutdown ok
                                readyz check passed
                                """);
            }
        }
    }

    @Test
    void whatIsStartedAfterTheEndIsClosedAtOnce() {
        List<String> closed = new ArrayList<>();
        Closing parts = new Closing();
        parts.keep(() -> closed.add("first"));
        parts.keep(() -> closed.add("second"));
        parts.close();
        assertThatThrownBy(() -> parts.keep(() -> closed.add("late"))).hasMessageContaining("stopped");
        parts.close();
        assertThat(closed).containsExactly("second", "first", "late");
    }

    private static String first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static SSLContext trusting(String authority) throws Exception {
        var store = java.security.KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "ca",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new java.io.ByteArrayInputStream(
                                Base64.getDecoder().decode(authority))));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
