package dev.selvage.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Issue 3, "Also": a support bundle with secrets redacted. */
class RedactionTest {
    private static final String SECRET = "S3cret/with+signs";

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "ab", "abc", "user:", "{\"password\":\""})
    void aKnownSecretIsFoundInBase64WhereverItStands(String before) {
        KnownSecrets secrets = new KnownSecrets();
        secrets.add(SECRET);
        byte[] text = (before + SECRET + "#rest").getBytes(UTF_8);
        for (var encoder : new Base64.Encoder[] {Base64.getEncoder(), Base64.getUrlEncoder()}) {
            String coded = encoder.encodeToString(text);
            String clean = new Redactor(secrets).text("x " + coded + " y");
            assertThat(clean).startsWith("x ").endsWith(" y").contains(Redactor.MARK);
            String left = clean.replace(Redactor.MARK, "");
            assertThat(left.length()).isLessThan(coded.length() - SECRET.length());
        }
    }

    @Test
    void aKnownSecretIsFoundInJsonInUrlsAndLineByLine() {
        KnownSecrets secrets = new KnownSecrets();
        secrets.add("quo\"te\\back");
        secrets.add("first line of it\nsecond line of it");
        secrets.add("a b&c");
        String clean = new Redactor(secrets)
                .text(Json.text(Json.object().put("x", "quo\"te\\back")) + " second line of it a+b%26c");
        assertThat(clean).doesNotContain("te\\\\back", "second line", "a+b%26c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer PLANTED-0123456789",
                "authorization: basic UExBTlRFRC0wMTIz",
                "postgresql://selvage:PLANTED-0123456789@127.0.0.1:5432/selvage",
                "password=PLANTED-0123456789",
                "{\"password\": \"PLANTED-0123456789\"}",
                "DB_PASSWORD: PLANTED-0123456789",
                "--api-key PLANTED-0123456789",
                "jwt eyJhbGciOiJub25lIn0.eyJzdWIiOiJQTEFOVEVEIn0.UExBTlRFRC0wMTIz",
                "token join-0123abcd.0123456789abcdef0123456789abcdef",
                "-----BEGIN EC PRIVATE KEY-----\nUExBTlRFRC0wMTIz\n-----END EC PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nUExBTlRFRC0wMTIz\nand the end is cut",
                "client-key-data: LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0tClVFeEJUbFJGUkMwd01USXo="
            })
    void whatLooksLikeASecretIsTakenOutAndTheRestStays(String line) {
        String clean = new Redactor(new KnownSecrets()).text("before\n" + line + "\nafter 12:30 took 5 ms");
        assertThat(clean)
                .startsWith("before\n")
                .contains(Redactor.MARK)
                .doesNotContain("PLANTED", "UExBTlRF", "UExCTlRS", "VFeEJUb", "0123456789abcdef");
    }

    @Test
    void ordinaryTextIsLeftAlone() {
        String text =
                "node edge-1 is linked from 127.0.0.1:5000 (session 3), token bucket of 10/s; https://127.0.0.1:16440/readyz";
        assertThat(new Redactor(new KnownSecrets()).text(text)).isEqualTo(text);
    }

    @Test
    void resourcesLoseValuesOfSecretsAndOfEnvironmentsButKeepTheirNames() {
        ObjectNode secret = Json.parseObject("""
                {"kind":"Secret","metadata":{"name":"db","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"PLANTED"}},
                 "data":{"password":"UExBTlRFRA=="},"stringData":{"user":"PLANTED"}}""");
        ObjectNode pod = Json.parseObject("""
                {"kind":"Pod","spec":{"initContainers":[{"env":[{"name":"A","value":"PLANTED"}]}],
                 "containers":[{"name":"main","env":[{"name":"DB_PASSWORD","value":"PLANTED-2"},
                  {"name":"B","valueFrom":{"secretKeyRef":{"name":"db","key":"user"}}}]}]}}""");
        KnownSecrets secrets = new KnownSecrets();
        ResourceRedaction.secrets(secret, secrets::add);
        ResourceRedaction.secrets(pod, secrets::add);
        Redactor redactor = new Redactor(secrets);
        ResourceRedaction.redact(secret, redactor);
        ResourceRedaction.redact(pod, redactor);
        assertThat(Json.text(secret) + Json.text(pod))
                .doesNotContain("PLANTED", "UExBTlRFRA")
                .contains("\"password\"", "DB_PASSWORD", "secretKeyRef");
        assertThat(redactor.text("the log says PLANTED-2")).isEqualTo("the log says " + Redactor.MARK);
    }
}
